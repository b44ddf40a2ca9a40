"""SqlListBook: list membership of payments; a text that is on no list costs no query."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from threading import Lock
from types import MappingProxyType
from typing import Final

import structlog
from sqlalchemy import Engine

from risksentinel import deadline
from risksentinel.adapters.sql.engine import TIMEOUT_SECONDS
from risksentinel.adapters.sql.list_digests import ListBookState, entries_among, list_book_state
from risksentinel.adapters.sql.list_loader import DigestLoader
from risksentinel.domain.named_list import (
    Entry,
    Memberships,
    NamedList,
    digest_of,
    fold,
    listable_texts,
)
from risksentinel.domain.signal import Absence, Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Late, Unavailable
from risksentinel.ports.environment import Clock

POLL_INTERVAL: Final = timedelta(seconds=1)
LISTS_SILENT: Final = Silent("the lists could not be read", absence=Absence.MISSING)
LISTS_LATE: Final = Silent("the lists were not read in time", absence=Absence.LATE)
_NONE_FOUND: Final[Mapping[tuple[str, str], Entry | None]] = MappingProxyType({})
_log: Final = structlog.get_logger()


class SqlListBook:
    """Meets `ports.ListBook`: polls once a second for changed lists, and loads new entries.

    A digest says that a text may be on a list; one exact query confirms it, so neither a
    collision nor an expired or removed entry counts. For a list whose newest digests are not
    loaded yet each text is queried. While the database is unavailable, a text without a digest in
    the last loaded edition is not on the list, and a text with one is unknown.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = Lock()
        self._state: ListBookState | None = None
        self._polled_at: datetime | None = None
        self._late = False  # whether the last poll took too long
        self._loader = DigestLoader(engine)

    def matches(
        self, batch: Sequence[Transaction], names: Collection[str]
    ) -> list[Memberships | Silent]:
        """The memberships of each payment in the lists of these names, in order."""
        state = self._current(frozenset(names))
        if state is None:
            return [LISTS_LATE if self._late else LISTS_SILENT] * len(batch)
        known = {name: state.lists[name] for name in names if name in state.lists}
        asked = [_folded(payment) for payment in batch]
        maybe = self._candidates(known.values(), set(chain.from_iterable(asked)))
        found = self._confirmed(maybe)
        searched = tuple(known)
        if not found:  # the usual case
            return [Memberships(searched, texts, _NONE_FOUND) for texts in asked]
        return [
            Memberships(
                searched,
                texts,
                {
                    (name, text): found[named.id, text]
                    for name, named in known.items()
                    for text in texts
                    if (named.id, text) in found
                },
            )
            for texts in asked
        ]

    def close(self) -> None:
        """Stop loading."""
        self._loader.close()

    def is_loaded(self) -> bool:
        """Whether the digests of every requested list are loaded and current."""
        return self._state is not None and not self._loader.behind(self._state)

    def _candidates(
        self, named: Collection[NamedList], texts: Collection[str]
    ) -> set[tuple[str, str]]:
        """The list ids and texts that need a query."""
        loaded = [(each.id, self._loader.current(each)) for each in named]
        asked = [(own_id, held) for own_id, held in loaded if held is None or len(held)]
        digests = {text: digest_of(text) for text in texts} if asked else {}
        return {
            (own_id, text)
            for own_id, held in asked
            for text, digest in digests.items()
            if held is None or digest in held
        }

    def _confirmed(self, maybe: Collection[tuple[str, str]]) -> dict[tuple[str, str], Entry | None]:
        """The entries in force; None for all of them where the database does not answer."""
        if not maybe:
            return {}
        try:
            found = entries_among(self._engine, maybe, self._clock())
        except Unavailable as error:
            _log.warning("list_book.unconfirmed", why=str(error))
            return dict.fromkeys(maybe)
        return {key: entry for key, entry in found.items() if key in maybe}

    def _current(self, names: frozenset[str]) -> ListBookState | None:
        before = self._state
        # Callers may ask for different lists: each poll reads all that were asked for.
        names = names if before is None else names | before.asked
        fits = before is not None and before.asked == names
        if fits and (self._is_recent() or not self._lock.acquire(blocking=False)):
            return before
        if not fits and not self._lock.acquire(timeout=deadline.left(TIMEOUT_SECONDS)):
            self._late = True
            return None
        try:
            return self._poll(names)
        finally:
            self._lock.release()

    def _is_recent(self) -> bool:
        # A clock that was set back must not stop the polling: so a negative age is not recent.
        if self._polled_at is None:
            return False
        return timedelta(0) <= self._clock() - self._polled_at < POLL_INTERVAL

    def _poll(self, names: frozenset[str]) -> ListBookState | None:
        """Poll, unless another thread just did; the caller holds the lock."""
        before = self._state
        if self._is_recent() and (before is None or before.asked == names):
            return before
        try:
            self._state = list_book_state(self._engine, names, before)
        except Unavailable as error:
            self._late = isinstance(error, Late)
            _log.warning("list_book.kept", why=str(error))
        else:
            self._loader.catch_up(self._state)
        self._polled_at = self._clock()
        return self._state


def _folded(payment: Transaction) -> tuple[str, ...]:
    return tuple({fold(text) for text in listable_texts(payment) if text is not None})
