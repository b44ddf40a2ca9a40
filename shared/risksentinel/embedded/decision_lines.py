"""Decision lines: one line of text for each decision, for a terminal."""

import re
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Final, TextIO

from risksentinel.domain.transaction import SOUTH_AFRICA
from risksentinel.events.event import Event
from risksentinel.ports.publishing import Delivery, Outcome

_DELIVERED: Final = Delivery(Outcome.DELIVERED)
_LEVELS_WITH_LINES: Final = frozenset({"debug", "info"})
# A rule's name may contain an account number: a word with seven digits in a row is not shown.
_ACCOUNT: Final = re.compile(r"\b(?=\w*\d{7})\w+\b")


def wanted(out: TextIO, log_level: str, *, asked: bool | None) -> bool:
    """Whether to print lines: as `asked`; by default on a terminal with LOG_LEVEL info or debug."""
    if asked is not None:
        return asked
    return out.isatty() and log_level in _LEVELS_WITH_LINES


class DecisionLines:
    """Prints the events of transactions.scored. Meets `ports.Publisher`; no delivery fails."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def publish(self, events: Sequence[Event]) -> list[Delivery]:
        """Print one line for each event, in order."""
        # A closed terminal must not keep events in the outbox.
        with suppress(OSError, ValueError):
            self._out.write("".join(f"{line(event)}\n" for event in events))
            self._out.flush()
        return [_DELIVERED] * len(events)


def line(event: Event) -> str:
    """South African time, payment, amount, decision, score and first reason; no account number.

    Control characters are removed: a rule's name must not control the terminal.
    """
    data = event.data
    reason = next(iter(data["reasons"]), "")
    words = (
        f"{event.time.astimezone(SOUTH_AFRICA):%H:%M:%S}",
        data["transaction_id"],
        f"R{Decimal(data['amount_zar']):,.2f}",
        f"{data['decision']} {data['score']:.2f}",
        _ACCOUNT.sub("[removed]", reason),
    )
    return "".join(filter(str.isprintable, "  ".join(words))).rstrip()
