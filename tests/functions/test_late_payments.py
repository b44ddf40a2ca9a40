"""Payments that are dated back: scored, told apart, reviewed; imported history is exempt."""

from datetime import timedelta
from typing import Any

from werkzeug.test import Client

from tests.functions.caller import NOW, PAYMENT, TRANSACTIONS, said

WEEK = timedelta(days=7)


def paid(name: str, age: timedelta) -> dict[str, Any]:
    """A payment of this age."""
    return {**PAYMENT, "id": name, "occurred_at": (NOW - age).isoformat()}


def receipt(api: Client, name: str) -> dict[str, Any]:
    """The receipt of a payment."""
    return said(api.get(f"{TRANSACTIONS}{name}/score"))


def test_a_payment_that_is_dated_back_is_scored_and_reviewed(api: Client) -> None:
    """A date in the past avoids the velocity limits, so a person looks at the payment."""
    answer = said(api.post(TRANSACTIONS, json=paid("p-1", WEEK + timedelta(seconds=1))), 201)

    found = receipt(api, "p-1")
    assert answer["decision"] == "review"
    assert answer["alert_id"]
    assert (
        "the payment is dated 7 days before it arrived, and more than 7 days is late"
        in (answer["reasons"])
    )
    assert found["late"] is True
    assert "arrived_late" in {each["name"] for each in found["escalations"]}


def test_a_payment_of_last_week_is_not_late(api: Client) -> None:
    """A bank sends after an outage what it has kept."""
    said(api.post(TRANSACTIONS, json=paid("p-1", WEEK)), 201)

    found = receipt(api, "p-1")

    assert found["late"] is False
    assert "arrived_late" not in {each["name"] for each in found["escalations"]}


def test_backdated_payments_do_not_avoid_velocity_by_their_dates(api: Client) -> None:
    """Twenty payments, each in a window of its own since 1990: none is approved."""
    ages = [timedelta(days=8 + number) for number in range(20)]

    decisions = [
        said(api.post(TRANSACTIONS, json=paid(f"p-{n}", age)), 201)["decision"]
        for n, age in enumerate(ages)
    ]

    assert "approve" not in decisions


def test_imported_history_is_never_late(api: Client) -> None:
    """Past payments are the purpose of an import, and raise no alert."""
    batch = {"transactions": [paid("p-1", timedelta(days=300))], "learn_only": True}

    (result,) = said(api.post(f"{TRANSACTIONS}batch", json=batch), 200)["results"]

    assert result["status"] == 201
    assert receipt(api, "p-1")["late"] is False


def test_a_payment_that_waits_for_its_score_is_not_exempted_by_an_import(api: Client) -> None:
    """A caller could submit it, and import it at once."""
    late = paid("p-1", timedelta(days=300))
    said(api.post(TRANSACTIONS, json=late, headers={"Prefer": "respond-async"}), 202)

    said(api.post(f"{TRANSACTIONS}batch", json={"transactions": [late], "learn_only": True}), 200)

    assert receipt(api, "p-1")["late"] is True
