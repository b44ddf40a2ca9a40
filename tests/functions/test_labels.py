from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from functions.score.main import build
from risksentinel.assembly.container import Container
from risksentinel.assembly.label_records import label_records
from risksentinel.assembly.ledger import ledger
from risksentinel.cloudevents.binding import to_batch, to_binary_http
from risksentinel.domain.label import Finding, Label
from risksentinel.domain.reviewed import Labelled
from risksentinel.events import fraud_confirmed, transaction_labelled
from risksentinel.events.event import Event
from risksentinel.usecases.remember_labels import RememberLabels
from tests.functions.caller import ALERTS, LARGE, NOW, PAYMENT, TRANSACTIONS, said, violations

FRAUD = {"label": "fraud", "source": "chargeback"}


def label(api: Client, body: object, payment: str = "p-1") -> TestResponse:
    """Label a payment."""
    return api.post(f"{TRANSACTIONS}{payment}/label", json=body)


@pytest.fixture
def payment(api: Client) -> dict[str, Any]:
    """A stored payment with an alert."""
    return said(api.post(TRANSACTIONS, json={**LARGE, "id": "p-1"}), 201)


@pytest.fixture
def function(container: Container) -> Client:
    """The score function itself."""
    return Client(build(container))


def confirmed(payment: str = "p-1", **changes: object) -> Event:
    """The event of a chargeback."""
    data = {
        "transaction_id": payment,
        "source": "chargeback",
        "reported_at": "2026-05-01T12:00:00Z",
        **changes,
    }
    return Event(
        topic=fraud_confirmed.TOPIC,
        id=f"cb-{payment}",
        type=fraud_confirmed.TYPE,
        source="/bank/disputes",
        subject=payment,
        key="acc-1",
        time=NOW,
        data={name: value for name, value in data.items() if value is not None},
    )


def sent(function: Client, event: Event) -> TestResponse:
    """The response to one event."""
    headers, body = to_binary_http(event)
    return function.post("/", headers=headers, data=body)


def kept(container: Container) -> list[Label]:
    """Every label."""
    return list(label_records(container).written(NOW, NOW.replace(year=2027)))


@pytest.mark.usefixtures("payment")
def test_a_label_is_written_once_and_answered_with_what_counts(api: Client) -> None:
    """A client that retries after a lost response gets the same labels."""
    first = label(api, FRAUD)
    again = label(api, FRAUD)

    assert said(first, 201) == said(again, 200)
    answer = said(again)
    assert (answer["label"], answer["source"]) == ("fraud", "chargeback")
    assert [each["reported_by"] for each in answer["history"]] == ["local"]


@pytest.mark.usefixtures("payment")
def test_a_weaker_source_is_kept_and_does_not_count(api: Client) -> None:
    """A stronger source wins; the analyst's label stays in the history."""
    label(api, FRAUD)

    answer = said(label(api, {"label": "genuine", "source": "analyst"}), 201)

    assert (answer["label"], len(answer["history"])) == ("fraud", 2)


@pytest.mark.usefixtures("payment")
def test_a_payment_shows_the_label_that_counts(api: Client) -> None:
    """A payment is shown with its effective label, its source and time, or null."""

    def shown() -> dict[str, Any] | None:
        found: dict[str, Any] | None = said(api.get(f"{TRANSACTIONS}p-1"))["label"]
        return found

    unreviewed = shown()
    label(api, FRAUD)
    label(api, {"label": "genuine", "source": "analyst"})
    scheme = shown()
    label(api, {"label": "withdrawn", "source": "chargeback"})
    analyst = shown()
    label(api, {"label": "withdrawn", "source": "analyst"})

    assert unreviewed is None
    assert scheme == {
        "source": "chargeback",
        "version": 1,
        "label": "fraud",
        "reported_by": "local",
        "reported_at": "2026-05-01T12:00:00Z",
        "written_at": "2026-05-01T12:00:00Z",
    }
    assert analyst is not None
    assert (analyst["label"], analyst["source"]) == ("genuine", "analyst")
    assert shown() is None


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"label": "fraud"}, "source"),
        ({"label": "maybe", "source": "analyst"}, "label"),
        ({**FRAUD, "reported_at": "yesterday"}, "reported_at"),
        ({**FRAUD, "reported_at": "2026-05-09T12:00:00Z"}, "reported_at"),
        ({**FRAUD, "reported_at": "2026-04-09T12:00:00Z"}, "reported_at"),
        ({**FRAUD, "weight": 2}, "weight"),
    ],
)
@pytest.mark.usefixtures("payment")
def test_a_label_that_means_nothing_is_refused(
    api: Client, body: dict[str, object], path: str
) -> None:
    """An invalid label is refused: labels are used for training."""
    assert [*violations(label(api, body))] == [path]


def test_a_payment_that_is_not_there_is_404(api: Client) -> None:
    """A label of an unknown payment gets 404."""
    assert label(api, FRAUD).status_code == 404


@pytest.mark.parametrize(
    ("disposition", "counts"),
    [("confirmed_fraud", "fraud"), ("false_positive", "genuine"), ("inconclusive", None)],
)
def test_a_disposition_becomes_a_label(
    api: Client,
    container: Container,
    payment: dict[str, Any],
    disposition: str,
    counts: str | None,
) -> None:
    """A disposition labels the payment for training; an open alert does not."""
    alert = ALERTS + payment["alert_id"]
    said(api.patch(alert, json={"disposition": disposition}))
    said(api.patch(alert, json={"note": "called him"}))

    found = [(each.finding.value, each.source.value, each.reported_by) for each in kept(container)]

    assert found == ([] if counts is None else [(counts, "analyst", "local")])


def test_a_corrected_disposition_replaces_the_label(
    api: Client, container: Container, payment: dict[str, Any]
) -> None:
    """A corrected disposition replaces the label."""
    alert = ALERTS + payment["alert_id"]
    for disposition in ("confirmed_fraud", "inconclusive"):
        said(api.patch(alert, json={"disposition": disposition}))

    assert [each.finding for each in kept(container)] == [Finding.FRAUD, Finding.WITHDRAWN]


@pytest.mark.usefixtures("payment")
def test_a_chargeback_comes_as_an_event_and_again_changes_nothing(
    function: Client, container: Container
) -> None:
    """Kafka delivers at least once."""
    answers = [sent(function, confirmed()).status_code for _ in range(2)]

    (only,) = kept(container)
    assert answers == [204, 204]
    assert (only.finding, only.reported_by) == (Finding.FRAUD, "local")


@pytest.mark.parametrize(
    "event",
    [
        confirmed("unknown"),
        confirmed(source="analyst"),
        confirmed(reported_at=None),
        confirmed(reported_at="2031-05-01T12:00:00Z"),
        confirmed(reported_by="a\nb"),
    ],
    ids=["unknown payment", "source", "no time", "future", "reporter"],
)
@pytest.mark.usefixtures("payment")
def test_an_event_that_can_never_work_goes_to_the_dead_letters(
    function: Client, container: Container, event: Event
) -> None:
    """The dead letter has the reason, so that the operator can find the payment."""
    answer = sent(function, event)

    assert answer.status_code == 422
    assert answer.headers["Kne-Reason"]
    assert kept(container) == []


@pytest.mark.usefixtures("payment")
def test_events_of_all_types_come_in_one_batch(function: Client, container: Container) -> None:
    """An invalid event of a batch does not fail the others."""
    headers, body = to_batch([confirmed(), confirmed("unknown")])

    answer = function.post("/", headers=headers, data=body)

    assert [line["status"] for line in answer.get_json(force=True)] == [204, 422]
    assert len(kept(container)) == 1


def test_the_event_of_a_label_is_accepted_by_the_function_score(
    function: Client, api: Client, container: Container
) -> None:
    """The event of a label is accepted by the function score, which updates the history."""
    api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-2"})
    label(api, FRAUD, "p-2")
    (written,) = kept(container)
    with ledger(container).unit() as unit:
        reviewed = unit.reviewed("p-2")
    event = transaction_labelled.encode(
        type(reviewed)(reviewed.transaction).labelled(written), "/risksentinel/ingest"
    )

    assert sent(function, event).status_code == 204
    assert sent(function, confirmed()).status_code == 422


@pytest.mark.parametrize(
    "forged",
    [
        {"version": 2},
        {"finding": "genuine"},
        {"source": "analyst"},
        {"written_at": "2026-05-01T12:00:01Z"},
    ],
    ids=str,
)
@pytest.mark.usefixtures("payment")
def test_a_label_that_is_not_stored_changes_no_history(
    function: Client, api: Client, container: Container, forged: dict[str, object]
) -> None:
    """A forged event of a label would poison what models learn."""
    label(api, FRAUD)
    event = labelled_event(container)

    answer = sent(function, replace(event, data={**event.data, **forged}))

    assert answer.status_code == 422
    assert sent(function, event).status_code == 204


@pytest.mark.usefixtures("payment")
def test_the_effect_of_a_label_is_that_of_the_stored_one(api: Client, container: Container) -> None:
    """An event may state another payment, or another effect."""
    label(api, FRAUD)
    event = labelled_event(container)
    other = {**event.data["transaction"], "receiver_id": "acc-9", "amount_zar": "1.00"}
    forged = replace(event, data={**event.data, "transaction": other, "standing": "genuine"})
    remembered: list[Labelled] = []

    class Memory:
        def label(self, batch: Sequence[Labelled]) -> None:
            remembered.extend(batch)

    RememberLabels(label_records(container), Memory())([transaction_labelled.decode(forged.data)])

    (change,) = remembered
    assert change.transaction.receiver_id == LARGE["receiver_id"]
    assert (change.before, change.standing) == (None, Finding.FRAUD)


def labelled_event(container: Container) -> Event:
    """The event of the only label of p-1."""
    (written,) = kept(container)
    with ledger(container).unit() as unit:
        reviewed = unit.reviewed("p-1")
    return transaction_labelled.encode(
        type(reviewed)(reviewed.transaction).labelled(written), "/risksentinel/ingest"
    )


def test_contrary_chargebacks_reopen_the_alert_and_a_disposition_decides(
    api: Client, payment: dict[str, Any]
) -> None:
    """A forged "genuine", dated after the bank's word, must not outlive it."""
    alert = ALERTS + payment["alert_id"]
    said(api.patch(alert, json={"status": "resolved", "disposition": "inconclusive"}))
    label(api, FRAUD)

    contrary = said(label(api, {**FRAUD, "label": "genuine"}), 201)
    reopened = said(api.get(alert))["status"]
    said(api.patch(alert, json={"status": "resolved", "disposition": "confirmed_fraud"}))
    decided = said(label(api, FRAUD))

    assert (contrary["label"], contrary["in_conflict"]) == (None, True)
    assert reopened == "open"
    assert (decided["label"], decided["source"]) == ("fraud", "analyst")
    assert decided["in_conflict"] is False


def test_contrary_labels_of_an_approved_payment_raise_an_alert(api: Client) -> None:
    """The conflict must be on the list of an analyst."""
    said(api.post(TRANSACTIONS, json={**PAYMENT, "id": "p-2"}), 201)
    label(api, FRAUD, "p-2")
    before = said(api.get(ALERTS))["items"]

    label(api, {**FRAUD, "label": "genuine"}, "p-2")

    (alert,) = said(api.get(ALERTS))["items"]
    assert before == []
    assert (alert["transaction_id"], alert["severity"]) == ("p-2", "high")
    assert "contradict one another" in alert["reasons"][0]
