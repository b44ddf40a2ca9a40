"""risksentinel lists: imports and exports large named lists as CSV."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

import click
from sqlalchemy import Engine

from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.list_records import SqlListRecords
from risksentinel.adapters.sql.list_unit import SqlListLedger
from risksentinel.adapters.sql.proposals import SqlProposalLedger
from risksentinel.adapters.sql.schema import schema_is_current
from risksentinel.adapters.system_clock import new_id, now
from risksentinel.assembly.container import database
from risksentinel.cli.audited import audited
from risksentinel.cli.command_settings import command_settings
from risksentinel.cli.operator import operator
from risksentinel.domain.list_csv import read_entries, written
from risksentinel.domain.named_list import Entry, EntryDraft
from risksentinel.domain.proposal import ProposedChange
from risksentinel.usecases.apply_change import proposed_import
from risksentinel.usecases.propose_change import ProposeChange
from risksentinel.usecases.write_list import WriteList

STEP: Final = 50_000  # entries per commit; other writers proceed between two commits
_PAGE: Final = 5_000
_File = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def lists() -> None:
    """Named lists: import, export."""


@lists.command("import")
@click.argument("name")
@click.argument("file", type=_File)
def import_(name: str, file: Path) -> None:
    """Add the entries of FILE to the list NAME, or replace those of the same value.

    FILE is CSV in UTF-8; its first line names the columns value, reason, expires_at. The whole
    file is validated before the first entry is written. Entries are written in steps; after an
    interruption the command can be repeated. Functions use new entries within two seconds.

    With FOUR_EYES the command only proposes the entries, at most 50,000 of a file.
    """
    with _ledger() as (ledger, records):
        records.named(name)
        with _lines(file) as lines:
            count = sum(1 for _ in read_entries(lines))
        if command_settings().needs_approval:
            _propose(ledger.engine, name, file, count)
            return
        write, added, replaced = WriteList(ledger, now, new_id), 0, 0
        with _lines(file) as lines:
            drafts = read_entries(lines)
            while some := list[EntryDraft](islice(drafts, STEP)):
                changed = write.put_many(name, some, operator())
                added, replaced = added + changed.added, replaced + changed.replaced
                click.echo(f"{added + replaced:>9,} of {count:,}", err=True)
    click.echo(f"{added} added to {name}, {replaced} replaced")


@lists.command("export")
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(name: str, file: Path) -> None:
    """Write the entries of the list NAME to FILE, in the format of `lists import`.

    The file contains account numbers and is readable by its owner only.
    """
    with _ledger() as (ledger, records):
        entries = _all(records, name)
        audited(ledger.engine, "list.exported", "list", name, {})
        file.touch(mode=0o600)
        with file.open("w", encoding="utf-8", newline="") as out:
            lines = sum(bool(out.write(line)) for line in written(entries))
    click.echo(f"{lines - 1} entries of {name} to {file}")


def _propose(engine: Engine, name: str, file: Path, count: int) -> None:
    if count > STEP:
        raise click.ClickException(f"at most {STEP} entries a proposal: split the file")
    propose = ProposeChange(SqlProposalLedger(SqlLedger(engine)), now, new_id, _names_no_model)
    with _lines(file) as lines:
        proposal = propose(proposed_import(name, list(read_entries(lines))), operator())
    click.echo(f"proposed {count} entries of {name}: {proposal.id}")


def _names_no_model(_: ProposedChange) -> None:
    """A list names no model."""


@contextmanager
def _ledger() -> Iterator[tuple[SqlListLedger, SqlListRecords]]:
    settings = command_settings()
    engine = database(settings, statement_seconds=0, name="risksentinel-lists")
    try:
        schema_is_current(engine)
        yield SqlListLedger(engine), SqlListRecords(engine)
    finally:
        engine.dispose()


@contextmanager
def _lines(file: Path) -> Iterator[Iterator[str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            yield lines
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not UTF-8") from None


def _all(records: SqlListRecords, name: str) -> Iterator[Entry]:
    named, after = records.named(name), None
    while True:
        page = records.entries(named, after, _PAGE)
        yield from page.items
        after = page.following
        if after is None:
            return
