from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from risksentinel.domain.list_csv import MAX_VIOLATIONS, guarded, read_entries, unguarded, written
from risksentinel.domain.named_list import Entry, EntryDraft
from risksentinel.errors import Malformed

MADE = datetime(2026, 5, 1, tzinfo=UTC)
texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=20)
cells = texts | st.builds(lambda begin, rest: begin + rest, st.sampled_from("'=+-@"), texts)
times = st.none() | st.datetimes(
    datetime(1990, 1, 1),  # noqa: DTZ001 - Hypothesis adds the zone
    datetime(9998, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]),
)


@given(cells)
@example("'=1")
@example("''+27")
@example("4.1E+15")
def test_a_guarded_cell_is_no_formula_and_comes_back(cell: str) -> None:
    """An analyst may edit the export in a spreadsheet and import it again."""
    assert not guarded(cell).startswith(("=", "+", "-", "@"))
    assert unguarded(guarded(cell)) == cell


@given(
    st.lists(
        st.tuples(cells, cells, times), max_size=5, unique_by=lambda e: e[0].strip().casefold()
    )
)
@example([("4.1E+15", "=1+1", None)])
def test_read_entries_reverses_written(rows: list[tuple[str, str, datetime | None]]) -> None:
    """An export must also serve as a backup of the list."""
    drafts = [EntryDraft(value, reason.strip(), at) for value, reason, at in rows if value.strip()]
    entries = [Entry(each.value, each.reason, "a", MADE, each.expires_at) for each in drafts]

    assert list(read_entries("".join(written(entries)).splitlines(keepends=True))) == drafts


def test_reading_stops_after_the_maximum_of_violations() -> None:
    """The list of violations must stay readable."""
    lines = ["value\n", *(["\x07\n"] * (2 * MAX_VIOLATIONS))]

    with pytest.raises(Malformed) as refused:
        list(read_entries(lines))

    assert len(refused.value.violations) == MAX_VIOLATIONS


def test_an_unclosed_quote_is_a_violation() -> None:
    """Without an error, the rest of the file would be one value."""
    with pytest.raises(Malformed, match="is not CSV"):
        list(read_entries(["value\n", '"a\n', "b\n"]))
