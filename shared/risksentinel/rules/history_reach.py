"""reach_of: how far back stored payments must be read to compute the fields of a rule again."""

from collections.abc import Iterable
from typing import Final

from risksentinel.domain.flow import REACH_SECONDS
from risksentinel.rules.spans import SPANS

_FROM_HABITS: Final = "amount.similar_to_other_beneficiary"
_WHOLE_FLOW: Final = ("new_senders_", "since_received_seconds")


def reach_of(fields: Iterable[str]) -> int | None:
    """Return the seconds before a payment; 0 for fields that every receipt has.

    None if a field needs the habits, which have no limit of time.
    """
    names = list(fields)
    if _FROM_HABITS in names:
        return None
    return max((_seconds(name) for name in names), default=0)


def _seconds(name: str) -> int:
    if any(part in name for part in _WHOLE_FLOW):
        return REACH_SECONDS
    seconds, _ = SPANS.get(name.rpartition("_")[2], (0, ""))
    return seconds
