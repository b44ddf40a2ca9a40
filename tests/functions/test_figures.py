import pytest
from werkzeug.test import Client

from tests.functions.caller import DECLINING, LARGE, PAYMENT, RULES, TRANSACTIONS, said


def test_an_empty_day_has_figures_too(api: Client) -> None:
    """A new installation has figures of 0, not an error."""
    summary = said(api.get("/api/v1/dashboard/summary"))

    assert summary == {
        "since": "2026-04-30T13:00:00Z",
        "transactions": 0,
        "amount_zar": "0.00",
        "mean_score": None,
        "decisions": {"approve": 0, "review": 0, "decline": 0},
        "declined_zar": "0.00",
        "waiting_for_score": 0,
        "alerts_raised": 0,
        "alerts_open": {"low": 0, "medium": 0, "high": 0, "critical": 0},
    }


def test_the_summary_adds_up_exactly(api: Client) -> None:
    """Sums are exact to the cent, for reconciliation."""
    said(api.post(RULES, json=DECLINING), 201)
    api.post(TRANSACTIONS, json={**PAYMENT, "amount_zar": "0.10"})
    api.post(TRANSACTIONS, json={**PAYMENT, "sender_id": "acc-2", "amount_zar": "0.20"})
    api.post(TRANSACTIONS, json={**LARGE, "sender_id": "acc-3"})
    api.post(TRANSACTIONS, json=PAYMENT, headers={"Prefer": "respond-async"})

    summary = said(api.get("/api/v1/dashboard/summary"))

    assert (summary["transactions"], summary["amount_zar"]) == (3, "750000.30")
    assert summary["decisions"] == {"approve": 2, "review": 0, "decline": 1}
    assert (summary["declined_zar"], summary["waiting_for_score"]) == ("750000.00", 1)
    assert (summary["alerts_raised"], summary["alerts_open"]["critical"]) == (1, 1)
    assert 0 < summary["mean_score"] < 1


def test_a_sum_beyond_one_payment_is_shown(api: Client) -> None:
    """The sum of payments can exceed the maximum of a single payment."""
    for number in range(2):
        huge = {"sender_id": f"acc-{number}", "amount_zar": "9999999999999999.99"}
        said(api.post(TRANSACTIONS, json={**PAYMENT, **huge}), 201)

    summary = said(api.get("/api/v1/dashboard/summary"))

    assert summary["amount_zar"] == "19999999999999999.98"


def test_the_trend_has_every_hour_with_its_zone(api: Client) -> None:
    """An hour without payments is listed too, so that a chart has no gaps."""
    api.post(TRANSACTIONS, json=LARGE)

    hours = said(api.get("/api/v1/dashboard/risk-trend"))["hours"]

    assert len(hours) == 24
    assert (hours[0]["hour"], hours[-1]["hour"]) == ("2026-04-30T13:00:00Z", "2026-05-01T12:00:00Z")
    assert (hours[-1]["transactions"], hours[-1]["alerts"]) == (1, 1)
    assert hours[-1]["mean_score"] > 0.7
    assert hours[0]["mean_score"] is None


def test_the_figures_cover_as_many_days_as_are_asked_for(api: Client) -> None:
    """The figures cover the number of days in the query."""
    hours = said(api.get("/api/v1/dashboard/risk-trend?days=7"))["hours"]
    summary = said(api.get("/api/v1/dashboard/summary?days=7"))

    assert len(hours) == 7 * 24
    assert summary["since"] == hours[0]["hour"] == "2026-04-24T13:00:00Z"


@pytest.mark.parametrize("path", ["summary", "risk-trend"])
@pytest.mark.parametrize("query", ["days=0", "days=32", "days=week", "days=-1", "hours=3"])
def test_what_the_figures_cannot_cover_is_refused(api: Client, path: str, query: str) -> None:
    """An ignored parameter would give figures of other days."""
    problem = said(api.get(f"/api/v1/dashboard/{path}?{query}"), 422)

    assert problem["errors"][0]["path"] == f"query.{query.split('=', maxsplit=1)[0]}"
