"""The list of reports: its filters and its pages."""

import pytest
from werkzeug.test import Client

from tests.functions.caller import (
    ABROAD,
    CASH,
    REPORTS,
    TRANSACTIONS,
    said,
    violations,
)


def test_filters_narrow_the_list(api: Client) -> None:
    """An officer lists the open reports that are due by a day."""
    api.post(TRANSACTIONS, json={**CASH, "id": "p-1"})
    earlier = {**ABROAD, "id": "p-2", "occurred_at": "2026-04-20T08:00:00Z"}
    api.post(TRANSACTIONS, json=earlier)

    def payments(query: str) -> list[str]:
        return [each["transaction_id"] for each in said(api.get(f"{REPORTS}?{query}"))["items"]]

    assert payments("") == ["p-2", "p-1"]
    assert payments("kind=CTR") == payments("due_from=2026-05-06") == ["p-1"]
    assert payments("kind=IFTR&status=open") == payments("due_to=2026-04-23") == ["p-2"]
    assert payments("transaction_id=p-1") == ["p-1"]
    assert payments("due_from=2026-04-24&due_to=2026-05-05") == payments("status=filed") == []


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("kind=STR", "query.kind"),
        ("status=done", "query.status"),
        ("due_from=tomorrow", "query.due_from"),
        ("due_from=2026-02-30", "query.due_from"),
        ("due_to=20260501", "query.due_to"),
        ("due_to=1767225600", "query.due_to"),
        ("due_from=2026-05-02&due_to=2026-05-01", "query.due_from"),
        ("owner=thandi", "query.owner"),
        ("cursor=WyJhIl0", "query.cursor"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(api: Client, query: str, path: str) -> None:
    """An invalid filter is refused: an ignored one would hide reports."""
    assert [*violations(api.get(f"{REPORTS}?{query}"))] == [path]


def test_reports_come_in_pages(api: Client) -> None:
    """The list of reports can have hundreds of entries."""
    for number in range(3):
        api.post(TRANSACTIONS, json={**CASH, "sender_id": f"acc-{number}"})

    first = said(api.get(f"{REPORTS}?limit=2"))
    second = said(api.get(f"{REPORTS}?limit=2&cursor={first['next_cursor']}"))

    assert len({each["id"] for each in first["items"] + second["items"]}) == 3
    assert second["next_cursor"] is None
