"""Shadow: takes payments for the version in shadow; ShadowRecords: how it decided them."""

from collections.abc import Sequence
from typing import Protocol

from risksentinel.domain.shadowed import Comparison
from risksentinel.domain.verdict import Scored
from risksentinel.scoring.facts import Facts

Offered = tuple[Facts, Scored]


class Shadow(Protocol):
    """The version in shadow, as scoring sees it. No method waits or raises."""

    def is_on(self) -> bool:
        """Whether a version is in shadow."""

    def offer(self, decided: Sequence[Offered], *, never_late: bool = False) -> None:
        """Take payments with the facts they were decided on, or drop and count them.

        With `never_late` the payments are of the past.
        """


class ShadowRecords(Protocol):
    """Decisions in shadow, for readers."""

    def comparison(self, version: int) -> Comparison:
        """The newest time in shadow of the version, beside the decisions in force.

        Without payments where it never decided one.
        """
