"""Revisions: payments to look at again, and what came of them; Reviser: who looks again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from risksentinel.domain.revision import Revision, RevisionState, WaitingPayment
from risksentinel.ports.pages import Page

Place = tuple[datetime, str]  # scored_at and id of a payment


class Revisions(Protocol):
    """The stored revisions."""

    def waiting(self, after: Place | None, until: datetime, most: int) -> Sequence[WaitingPayment]:
        """Payments that wait for a second look, scored until then, in order of `Place`."""

    def revisions(
        self, state: RevisionState | None, after: tuple[str, ...] | None, most: int
    ) -> Page[Revision]:
        """One page, newest first."""


class Reviser(Protocol):
    """Looks at payments again, beside the requests. It neither waits nor raises."""

    def scored(self, *, incomplete: bool) -> None:
        """Take notice that payments were stored, and whether a source was absent for any."""
