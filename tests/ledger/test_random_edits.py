"""Random ledgers, and one random edit of the database: the verification names where it begins."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import assume, example, given, note, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from risksentinel.adapters.sql.tables import audit_log, ledger_leaves, ledger_tiles
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_verification import verify_ledger
from tests.adapters.sql.emptied import cleared
from tests.ledger.edits import Edit, applied, edits
from tests.ledger.kept import anchored, chained, container_at, faults, tampering
from tests.ledger.random_ledgers import names, written

EXAMPLES = 60
TILE = ["fill_a_tile"]


@contextmanager
def ledger(database: Engine) -> Iterator[Container]:
    """An empty database and its container."""
    cleared(database)
    with TemporaryDirectory() as folder:
        url = database.url.render_as_string(hide_password=False)
        container = container_at(url, Path(folder))
        try:
            yield container
        finally:
            cleared(database)  # decisions that were changed are not computed again
            container.close()


@settings(max_examples=EXAMPLES)
@given(acts=names)
@example(acts=["fill_a_tile", "anchor", "erase", "label", "fill_a_tile", "anchor"])
def test_a_ledger_that_was_not_edited_has_no_fault(database: Engine, acts: list[str]) -> None:
    """A false alarm is an investigation, and the next alarm is ignored."""
    with ledger(database) as container:
        written(container, acts)

        verified = verify_ledger(container)()

    assert verified.faults == []
    assert verified.entries >= 2
    assert verified.pending == 0


@settings(max_examples=2 * EXAMPLES)
@given(acts=names, edit=edits, chain=st.booleans(), anchor=st.booleans())
@example(acts=["fill_a_tile"], edit=Edit("change", ledger_tiles, 0, 0, 0), chain=False, anchor=True)
@example(
    acts=["fill_a_tile"], edit=Edit("swap", ledger_leaves, 1, 0, 200), chain=False, anchor=True
)
@example(acts=["rule"], edit=Edit("swap", ledger_leaves, 0, 0, 1), chain=False, anchor=False)
@example(acts=["rule"], edit=Edit("change", audit_log, 2, 5, 0), chain=True, anchor=False)
@example(acts=["rule"], edit=Edit("change", audit_log, 1, 5, 0), chain=True, anchor=False)
def test_one_edit_of_the_database_is_named_first(
    database: Engine,
    acts: list[str],
    edit: Edit,
    *,
    chain: bool,
    anchor: bool,
) -> None:
    """Who searches the cause begins with the first entry that is wrong."""
    with ledger(database) as container:
        written(container, acts)
        if anchor:
            anchored(container)
        with tampering(container) as connection:
            done = applied(connection, edit)
        assume(done is not None)
        if chain:
            chained(container)

        found = faults(container)

    assert done is not None
    note(f"{done}\n" + "\n".join(map(str, found[:5])))
    assert found
    assert done.is_named_by(found[0])
