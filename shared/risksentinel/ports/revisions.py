"""Revisions: payments to look at again, and what came of them; Reviser: who looks again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from risksentinel.domain.history import Snapshot
from risksentinel.domain.revision import Revision, RevisionState
from risksentinel.ports.live_payment import LivePayment
from risksentinel.ports.pages import Page

Place = tuple[datetime, str]  # scored_at and id of a payment


class WaitingPayment(NamedTuple):
    """A payment to look at again."""

    live: LivePayment
    revision: Revision


class Revisions(Protocol):
    """The stored revisions."""

    def waiting(self, after: Place | None, until: datetime, most: int) -> Sequence[WaitingPayment]:
        """Payments that wait for a second look, scored until then, in order of `Place`."""

    def revisions(
        self, state: RevisionState | None, after: tuple[str, ...] | None, most: int
    ) -> Page[Revision]:
        """One page, newest first."""


class SnapshotsBefore(Protocol):
    """The history that stored payments had when they were decided.

    It is computed from the stored payments: a history that was away does not have it, and one that
    has later payments would count them.
    """

    def __call__(self, some: Sequence[LivePayment]) -> Mapping[str, Snapshot]:
        """The snapshots by the ids of the payments. Raises Unavailable."""


class Reviser(Protocol):
    """Looks at payments again, beside the requests. It neither waits nor raises."""

    def scored(self, *, incomplete: bool) -> None:
        """Take notice that payments were stored, and whether a source was absent for any."""
