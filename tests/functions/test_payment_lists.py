from datetime import timedelta

import pytest
from werkzeug.test import Client

from risksentinel.text import rfc3339
from tests.functions.caller import LARGE, NOW, PAYMENT, TRANSACTIONS, said, violations


@pytest.fixture
def five(api: Client) -> Client:
    """Five payments, an hour apart: p-5 is the newest, p-4 large, p-2 of another sender."""
    for number in range(1, 6):
        payment = {
            **(LARGE if number == 4 else PAYMENT),
            "id": f"p-{number}",
            "sender_id": "acc-2" if number == 2 else "acc-1",
            "occurred_at": rfc3339.to_text(NOW - timedelta(hours=5 - number)),
        }
        said(api.post(TRANSACTIONS, json=payment), 201)
    api.post(
        TRANSACTIONS,
        json={**PAYMENT, "id": "p-0", "occurred_at": rfc3339.to_text(NOW - timedelta(1))},
    )
    return api


def listed(api: Client, query: str = "") -> list[str]:
    """The ids of a page."""
    return [item["id"] for item in said(api.get(f"{TRANSACTIONS}?{query}"))["items"]]


def test_the_list_runs_newest_first(five: Client) -> None:
    """The newest payments are first."""
    assert listed(five) == ["p-5", "p-4", "p-3", "p-2", "p-1", "p-0"]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("status=review", ["p-4"]),
        ("risk_level=high", ["p-4"]),
        ("sender_id=acc-2", ["p-2"]),
        ("sender_id=unknown", []),
        ("status=approved&sender_id=acc-2", ["p-2"]),
        ("status=received", []),
        ("from=2026-05-01T10:00:00Z&to=2026-05-01T12:00:00Z", ["p-4", "p-3"]),
        ("from=2026-05-01T12:00:00%2B02:00&to=2026-05-01T12:00:00Z", ["p-4", "p-3"]),
        ("to=2026-05-01T08:00:00Z", ["p-0"]),
        ("from=2026-05-01T12:00:00Z&to=2026-05-01T12:00:00Z", []),
    ],
)
def test_filters_narrow_the_list(five: Client, query: str, ids: list[str]) -> None:
    """`from` is included and `to` excluded, so that adjacent periods have no overlap and no gap."""
    assert listed(five, query) == ids


@pytest.mark.parametrize("limit", [1, 2, 5, 6, 200])
def test_pages_hold_every_payment_once(five: Client, limit: int) -> None:
    """The pages together contain every payment once."""
    address, found = f"{TRANSACTIONS}?limit={limit}&risk_level=low", []

    while address:
        answer = five.get(address)
        page = said(answer)
        found += [item["id"] for item in page["items"]]
        link = answer.headers.get("Link", "")
        assert bool(page["next_cursor"]) is bool(link)
        address = link.removeprefix("<").partition(">")[0]

    assert found == ["p-5", "p-3", "p-2", "p-1", "p-0"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=0", "query.limit"),
        ("limit=201", "query.limit"),
        ("limit=ten", "query.limit"),
        ("limit=1.0", "query.limit"),
        ("limit=1_0", "query.limit"),
        ("limit=", "query.limit"),
        ("limit=1&limit=2", "query.limit"),
        ("status=lost", "query.status"),
        ("status=", "query.status"),
        ("risk_level=HIGH", "query.risk_level"),
        ("sender_id=a%20b", "query.sender_id"),
        ("sender_id=a%00", "query.sender_id"),
        ("from=2026-05-01", "query.from"),
        ("from=2026-05-01T10:00:00", "query.from"),
        ("from=2026-05-01T12:00:01Z&to=2026-05-01T12:00:00Z", "query.from"),
        ("from=0001-01-01T00:00:00%2B14:00", "query.from"),
        ("to=9999-12-31T23:59:59-14:00", "query.to"),
        ("senderid=acc-1", "query.senderid"),
        ("since=2026-05-01T12:00:00Z", "query.since"),
        ("cursor=", "query.cursor"),
        ("cursor=abc", "query.cursor"),
        ("cursor=W10", "query.cursor"),
        ("cursor=WyJhIiwiYiJd", "query.cursor"),
        ("cursor=WzEsMl0", "query.cursor"),
        ("cursor=%C3%A9", "query.cursor"),
        (f"cursor={'A' * 600}", "query.cursor"),
    ],
)
def test_a_query_that_means_nothing_is_refused(api: Client, query: str, path: str) -> None:
    """An ignored filter would return payments that the client did not select."""
    assert [*violations(api.get(f"{TRANSACTIONS}?{query}"))] == [path]


def test_what_has_not_the_form_of_a_cursor_is_refused(five: Client) -> None:
    """A truncated cursor would lead to another page."""
    cursor = said(five.get(f"{TRANSACTIONS}?limit=2"))["next_cursor"]
    number, written = cursor.split("-")

    for other in (cursor[:-1], f"{cursor}A", f"{cursor}=", written, f"-{written}", f"{number}-"):
        assert violations(five.get(f"{TRANSACTIONS}?cursor={other}")) == {
            "query.cursor": "must be the `next_cursor` of a page of this list"
        }


@pytest.mark.parametrize("moment", ["0", "9" * 17])
def test_a_place_between_two_payments_is_a_cursor(five: Client, moment: str) -> None:
    """The list accepts each cursor of the documented pattern, also before year 1."""
    page = said(five.get(f"{TRANSACTIONS}?cursor={moment}-7f"))

    assert len(page["items"]) == (0 if moment == "0" else 6)


def test_a_payment_is_shown_as_it_is_kept(five: Client) -> None:
    """Amounts are text: a client may read a JSON number as a float."""
    shown = said(five.get(f"{TRANSACTIONS}p-4"))

    assert shown["amount_zar"] == "750000.00"
    assert shown["occurred_at"] == "2026-05-01T11:00:00Z"
    assert shown["received_at"] == shown["scored_at"] == "2026-05-01T12:00:00Z"
    assert (shown["status"], shown["risk_level"]) == ("review", "high")
    assert shown["alert_id"]
    assert shown["rail"] is None


CONTEXT = {
    "device_id": "phone-7f3a",
    "sim_swapped_at": "2026-05-01T13:30:00.1234567+02:00",
    "beneficiary_added_at": "2026-05-01T11:59:59Z",
}
KEPT_CONTEXT = {**CONTEXT, "sim_swapped_at": "2026-05-01T11:30:00.123456Z"}


@pytest.mark.parametrize("prefer", ["", "respond-async"])
def test_what_is_known_of_the_order_is_kept_and_shown(api: Client, prefer: str) -> None:
    """The optional data of a payment are stored, also before the payment is scored."""
    body = {**PAYMENT, **CONTEXT, "id": "p-1", "currency": "ZAR"}

    api.post(TRANSACTIONS, json=body, headers={"Prefer": prefer})

    kept = said(api.get(f"{TRANSACTIONS}p-1"))
    assert kept.items() >= KEPT_CONTEXT.items()
    assert "currency" not in kept


def test_the_receipt_has_what_was_known_of_the_order(api: Client) -> None:
    """The receipt has the data that a rule compared."""
    api.post(TRANSACTIONS, json={**PAYMENT, **CONTEXT, "id": "p-1"})

    assert said(api.get(f"{TRANSACTIONS}p-1/score"))["input"].items() >= KEPT_CONTEXT.items()


def test_a_payment_that_says_nothing_of_the_order_shows_null(five: Client) -> None:
    """An absent time is null: unknown, not never."""
    kept = said(five.get(f"{TRANSACTIONS}p-4"))

    assert {name: kept[name] for name in CONTEXT} == dict.fromkeys(CONTEXT)


def test_a_score_is_explained_by_its_receipt(five: Client) -> None:
    """The receipt of a score is stored with the payment."""
    receipt = said(five.get(f"{TRANSACTIONS}p-4/score"))

    assert receipt["transaction_id"] == "p-4"
    assert receipt["signals"].keys() == {"rules", "velocity", "anomaly", "ml"}
    parts = sum(signal["contribution"] for signal in receipt["signals"].values())
    lifts = sum(escalation["lift"] for escalation in receipt["escalations"])
    assert receipt["composite"] == pytest.approx(parts)
    assert receipt["score"] == pytest.approx(parts + lifts)


def test_a_payment_that_waits_has_no_score_yet(api: Client) -> None:
    """The 404 of a payment that is not scored differs from that of an unknown payment."""
    api.post(TRANSACTIONS, json={**PAYMENT, "id": "w"}, headers={"Prefer": "respond-async"})

    waiting, unknown = api.get(f"{TRANSACTIONS}w/score"), api.get(f"{TRANSACTIONS}x/score")

    assert said(api.get(f"{TRANSACTIONS}w"))["score"] is None
    assert "is not scored yet" in said(waiting, 404)["detail"]
    assert "no such transaction" in said(unknown, 404)["detail"]
    assert waiting.content_type == unknown.content_type == "application/problem+json"


@pytest.mark.parametrize("name", ["batch", "score", "events", "+27821234567@bank", "a:b=c-d_e.f"])
def test_any_id_that_is_accepted_can_be_read(api: Client, name: str) -> None:
    """The name of a route can be the id of a payment."""
    location = api.post(TRANSACTIONS, json={**PAYMENT, "id": name}).headers["Location"]

    assert said(api.get(location))["id"] == name
    assert said(api.get(f"{location}/score"))["transaction_id"] == name


@pytest.mark.parametrize("name", ["a%20b", "%00", "a%25", "x" * 65, "..%2Fa", "a%2Fb", "%C3%A9"])
def test_an_id_that_cannot_be_is_a_clear_error(api: Client, name: str) -> None:
    """No path causes an internal error."""
    answer = api.get(TRANSACTIONS + name)

    assert answer.status_code in {404, 422}
    assert answer.content_type == "application/problem+json"
