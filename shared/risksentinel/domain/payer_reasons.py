"""payer_reasons: the reasons of a decision that a payer may see.

FIC Act 38 of 2001, section 29(3) and (4): a bank must not disclose that a report was or must be
made, nor anything from which that follows. The texts of rules are written for analysts and may name
a report. A reason that does is left out without a trace: a phrase in its place would tell as much.
"""

import re
from collections.abc import Sequence
from typing import Final

_OF_REPORTS: Final = re.compile(
    r"report|threshold|\bfic\b|\bfica\b|financial intelligence|launder|structuring|smurf|\bctrs?\b"
    r"|\biftrs?\b|\bstrs?\b|section\s*(?:28|29|31)\b|\bs(?:28|29|31)\b|suspicious transaction",
    re.IGNORECASE,
)


def payer_reasons(reasons: Sequence[str]) -> list[str]:
    """Return the reasons without those that are about reports, in the same order."""
    return [reason for reason in reasons if _OF_REPORTS.search(reason) is None]
