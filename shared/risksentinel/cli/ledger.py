"""risksentinel ledger: verifies, anchors and shows the ledger."""

import json
import sys
from contextlib import closing
from datetime import UTC, datetime
from time import monotonic
from typing import Final

import click

from risksentinel.adapters.sql.ledger_records import SqlLedgerRecords
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_log import anchor_ledger, anchors, chain_entries, head_keys
from risksentinel.assembly.ledger_verification import verify_ledger
from risksentinel.cli.audited import audited
from risksentinel.cli.command_settings import command_settings
from risksentinel.text import rfc3339
from risksentinel.usecases.compare_entries import ACCEPTED
from risksentinel.usecases.verify_ledger import Verified

MAX_FAULTS: Final = 20  # that are printed


@click.group()
def ledger() -> None:
    """The tamper-evident ledger: verify, anchor, show."""


def _opened() -> closing[Container]:
    return closing(Container(command_settings(), statement_seconds=0))


@ledger.command()
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    help="Compare the content of entries from this time on, in UTC; the tree is always compared.",
)
def verify(since: datetime | None) -> None:
    """Find entries and rows that were changed, removed or added.

    Ends with status 1 if there is one; the first line names the first entry. Compares entries with
    the tree, the tree with signed heads and with every anchor, and the stored verdicts, rules,
    labels, alerts and reports with their entries.
    """
    began = monotonic()
    with _opened() as container:
        if head_keys(container) is None:
            click.echo("without LEDGER_SIGNING_KEY_FILE no signature is checked", err=True)
        moment = None if since is None else since.replace(tzinfo=UTC)
        verified = verify_ledger(container)(moment)
    for fault in verified.faults[:MAX_FAULTS]:
        place = "" if fault.sequence is None else f"at {fault.sequence}: "
        click.echo(f"{place}{fault.what}")
    if len(verified.faults) > MAX_FAULTS:
        click.echo(f"and {len(verified.faults) - MAX_FAULTS} more")
    click.echo(_summary(verified, monotonic() - began), err=bool(verified.faults))
    if verified.faults:
        sys.exit(1)


@ledger.command()
def anchor() -> None:
    """Chain all entries, and store the signed head in the object storage."""
    with _opened() as container:
        chain = chain_entries(container)
        while chain():
            pass
        head = anchor_ledger(container)()
    click.echo(f"{head.size} entries, root {head.root.hex()}")


@ledger.command()
@click.argument("entry_id", type=click.IntRange(1))
def show(entry_id: int) -> None:
    """Print an entry as JSON."""
    with _opened() as container:
        entry = SqlLedgerRecords(container.engine).entry(entry_id)
    click.echo(json.dumps(entry.to_mapping(), indent=2, ensure_ascii=False))


@ledger.command()
@click.argument("entry_ids", type=click.IntRange(1), nargs=-1, required=True)
@click.option("--reason", required=True, help="Why the entries have no tag.")
def accept(entry_ids: tuple[int, ...], reason: str) -> None:
    """Accept entries that a process without the ledger's key wrote; this is an entry itself.

    While a release without a ledger, or functions without LEDGER_SIGNING_KEY_FILE, are replaced,
    some entries have no tag. `verify` reports them until they are accepted.
    """
    with _opened() as container:
        details = {"entries": list(entry_ids), "reason": reason}
        audited(container.engine, ACCEPTED, "ledger", "entries", details)
    click.echo(f"{len(entry_ids)} accepted")


@ledger.command("anchors")
def list_anchors() -> None:
    """List the anchors: size, time and root."""
    with _opened() as container:
        for head in anchors(container).heads():
            click.echo(f"{head.size:>12}  {rfc3339.to_text(head.at)}  {head.root.hex()}")


def _summary(verified: Verified, seconds: float) -> str:
    found = "no fault" if not verified.faults else f"{len(verified.faults)} faults"
    parts = [
        f"{verified.entries} entries",
        f"{verified.heads} heads",
        f"{verified.anchors} anchors",
        *([f"{verified.pending} not chained yet"] if verified.pending else []),
        *([f"{verified.dropped} of dropped months"] if verified.dropped else []),
        *([f"{verified.erased} with an erased subject"] if verified.erased else []),
    ]
    return f"{found} in {', '.join(parts)} ({seconds:.1f} s)"
