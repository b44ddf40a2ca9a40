"""Decision lines: one plain line for each payment that was decided, for a person at a terminal."""

import re
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Final, TextIO

from risksentinel.domain.transaction import SOUTH_AFRICA
from risksentinel.events.event import Event
from risksentinel.ports.announcements import Delivery, Outcome

_DELIVERED: Final = Delivery(Outcome.DELIVERED)
_LEVELS_WITH_LINES: Final = frozenset({"debug", "info"})
# An analyst may name a rule after an account: a word with seven digits in a row is not shown.
_ACCOUNT: Final = re.compile(r"\b(?=\w*\d{7})\w+\b")


def wanted(out: TextIO, log_level: str, *, asked: bool | None) -> bool:
    """Whether to print lines: as asked; unasked on a terminal, from LOG_LEVEL info down."""
    if asked is not None:
        return asked
    return out.isatty() and log_level in _LEVELS_WITH_LINES


class DecisionLines:
    """The reader of transactions.scored that prints. It is a Publisher and never fails."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Print one line an event, in the order of the decisions."""
        # A closed terminal must not keep the announcements of payments in the outbox.
        with suppress(OSError, ValueError):
            self._out.write("".join(f"{line(event)}\n" for event in events))
            self._out.flush()
        return [_DELIVERED] * len(events)


def line(event: Event) -> str:
    """South African time, payment, amount, decision, score and first reason; no account number.

    Control characters are left out: a rule's name must not steer the terminal.
    """
    said = event.data
    reason = next(iter(said["reasons"]), "")
    words = (
        f"{event.time.astimezone(SOUTH_AFRICA):%H:%M:%S}",
        said["transaction_id"],
        f"R{Decimal(said['amount_zar']):,.2f}",
        f"{said['decision']} {said['score']:.2f}",
        _ACCOUNT.sub("[removed]", reason),
    )
    return "".join(filter(str.isprintable, "  ".join(words))).rstrip()
