from werkzeug.test import Client

from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.assembly.container import Container
from tests.functions.caller import ALERTS, LARGE, PAYMENT, REPORTS, RULES, TRANSACTIONS, said


def test_a_payment_is_answered_with_its_verdict_and_its_address(api: Client) -> None:
    """A payment is scored in the response, and its explanation can be read later."""
    answer = api.post(TRANSACTIONS, json={**LARGE, "id": "p-1"})

    verdict = said(answer, 201)
    assert verdict["id"] == "p-1"
    assert (verdict["status"], verdict["decision"]) == ("review", "review")
    assert answer.headers["Location"] == "/api/v1/transactions/p-1"
    assert said(api.get(ALERTS + verdict["alert_id"]))["transaction_id"] == "p-1"


def test_the_same_id_again_gets_the_first_answer_again(api: Client) -> None:
    """A client that retries a payment gets the first response again."""
    first = said(api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"}), 201)

    again = said(api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"}), 200)

    assert again == first


def test_an_id_of_another_payment_is_a_conflict(api: Client) -> None:
    """Two payments with one id would share a score."""
    api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-1"})

    answer = api.post(TRANSACTIONS, json={**LARGE, "id": "p-1"})

    assert answer.status_code == 409
    assert "acc-1" not in answer.text


def test_a_payment_with_respond_async_is_accepted_and_scored_later(
    api: Client, container: Container
) -> None:
    """RFC 7240: a client can prefer a fast response to the score."""
    answer = api.post(
        TRANSACTIONS, json={**PAYMENT, "id": "p-1"}, headers={"Prefer": "respond-async"}
    )

    taken = said(answer, 202)
    assert (taken["status"], taken["score"]) == ("received", None)
    assert answer.headers["Location"] == "/api/v1/transactions/p-1"
    assert SqlOutbox(container.engine).depth() == 1


def test_imported_history_raises_nothing_and_says_what_it_is(
    api: Client, container: Container
) -> None:
    """Imported history updates the habits and raises no alert."""
    cash = {**PAYMENT, "amount_zar": "60000.00", "channel": "branch", "rail": "cash"}
    batch = {"transactions": [{**LARGE, "id": "p-1"}, cash], "learn_only": True}

    results = said(api.post(f"{TRANSACTIONS}batch", json=batch))["results"]

    assert [result["transaction"]["alert_id"] for result in results] == [None, None]
    assert results[0]["transaction"]["decision"] != "approve"
    assert said(api.get(f"{TRANSACTIONS}p-1/score"))["learn_only"] is True
    assert said(api.get(ALERTS))["items"] == said(api.get(REPORTS))["items"] == []
    assert SqlOutbox(container.engine).depth() == 0


def test_a_wrong_payment_does_not_fail_its_batch(api: Client) -> None:
    """An invalid payment does not fail the others of its batch."""
    wrong = {**PAYMENT, "amount_zar": "1.234", "channel": "fax"}

    answer = api.post(f"{TRANSACTIONS}batch", json={"transactions": [PAYMENT, wrong, 7, LARGE]})

    results = said(answer, 207)["results"]
    assert [result["status"] for result in results] == [201, 422, 422, 201]
    violations = results[1]["problem"]["errors"]
    assert {violation["path"] for violation in violations} == {"amount_zar", "channel"}
    assert results[3]["transaction"]["decision"] == "decline"


def test_a_batch_without_faults_is_answered_200(api: Client) -> None:
    """200 means that every payment was accepted; 207 that the client must read each result."""
    answer = api.post(f"{TRANSACTIONS}batch", json={"transactions": [PAYMENT, PAYMENT]})

    assert [result["index"] for result in said(answer)["results"]] == [0, 1]


def test_a_floor_of_many_decimals_still_makes_a_score(api: Client) -> None:
    """A score has four decimals, also with a floor of sixteen decimals."""
    rule = {
        "name": "Everything in a shop",
        "condition": {"field": "channel", "operator": "eq", "value": "pos"},
        "weight": 0.5,
        "severity": "high",
        "floor": 0.9283933380943032,
    }
    said(api.post(RULES, json=rule), 201)

    verdict = said(api.post(TRANSACTIONS, json=PAYMENT), 201)

    assert 0.9284 <= verdict["score"] < 1
    assert verdict["decision"] == "decline"
