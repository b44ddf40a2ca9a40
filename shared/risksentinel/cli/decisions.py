"""risksentinel decisions: computes stored decisions again, and states what differs."""

import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from time import monotonic
from typing import Final

import click

from risksentinel.assembly.code_digest import code_digest
from risksentinel.assembly.container import Container
from risksentinel.assembly.decisions import verify_decisions
from risksentinel.cli.command_settings import command_settings
from risksentinel.errors import Malformed
from risksentinel.text import rfc3339
from risksentinel.usecases.verify_decisions import Verification

_MAX_SHOWN: Final = 1_000  # decisions with differences that are printed


@click.group()
def decisions() -> None:
    """Decisions: verify."""


@decisions.command()
@click.argument("transaction_id", required=False)
@click.option("--since", help="Every decision from this time on, like 2026-05-01T00:00:00Z.")
def verify(transaction_id: str | None, since: str | None) -> None:
    """Compute decisions again from their receipts: of one payment, or all since a time.

    Uses the rules, the lists, the policy and the model of then, and the code of this release.
    Prints each member that is not equal to the last digit. Exits with 0 if every decision is
    equal, with 1 if one differs or cannot be verified, with 2 if the command is wrong.
    """
    if (transaction_id is None) == (since is None):
        raise click.UsageError("name one payment, or give --since")
    begin = None if since is None else _moment(since)
    with closing(Container(command_settings())) as container:
        use_case = verify_decisions(container)
        found = use_case.since(begin) if begin else map(use_case.one, [transaction_id or ""])
        sys.exit(0 if _reported(found) else 1)


def _moment(text: str) -> datetime:
    try:
        return rfc3339.parse(text).astimezone(UTC)
    except Malformed as malformed:
        raise click.UsageError(f"--since {malformed}") from None


def _reported(found: Iterable[Verification]) -> bool:
    """Print the decisions that are not equal, and the sums; answer whether all are equal."""
    equal = different = unknown = 0
    began = monotonic()
    for each in found:
        equal += each.is_equal
        different += bool(each.differences)
        unknown += each.not_verifiable is not None
        if not each.is_equal and different + unknown <= _MAX_SHOWN:
            click.echo(_in_words(each))
    rate = (equal + different + unknown) / max(monotonic() - began, 1e-9)
    click.echo(
        f"{equal} equal, {different} different, {unknown} not verifiable; "
        f"{rate:,.0f} a second; code {code_digest()}"
    )
    return not different and not unknown


def _in_words(each: Verification) -> str:
    if each.not_verifiable is not None:
        return f"{each.transaction_id} is not verifiable: {each.not_verifiable}"
    lines = [f"{each.transaction_id} differs:", *(f"  {one}" for one in each.differences)]
    return "\n".join(lines)
