"""The list book in SQL: who is on a list, without a question to the database for who is on none."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from threading import Lock
from types import MappingProxyType
from typing import Final

import structlog
from sqlalchemy import Engine

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
from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Unavailable
from risksentinel.ports.environment import Clock

LOOKS_EVERY: Final = timedelta(seconds=1)
LISTS_SILENT: Final = Silent("the lists could not be read")
_NONE_FOUND: Final[Mapping[tuple[str, str], Entry | None]] = MappingProxyType({})
_log: Final = structlog.get_logger()


class SqlListBook:
    """Meets `ports.ListBook`: looks once a second whether lists changed, and loads what is new.

    A digest says that a text may be on a list; one exact query confirms it, so neither a
    collision nor an entry that expired or was removed decides anything. A list whose newest
    digests are not loaded yet is asked for each text. While the database is away, a text without
    a digest in the last good edition is not on the list, and one with it is unknown.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._turn = Lock()
        self._state: ListBookState | None = None
        self._looked_at: datetime | None = None
        self._loader = DigestLoader(engine)

    def matches(
        self, batch: Sequence[Transaction], names: Collection[str]
    ) -> list[Memberships | Silent]:
        """What is known of each payment and the lists of these names, in order."""
        state = self._current(frozenset(names))
        if state is None:
            return [LISTS_SILENT] * len(batch)
        known = {name: state.lists[name] for name in names if name in state.lists}
        asked = [_folded(payment) for payment in batch]
        maybe = self._candidates(known.values(), set(chain.from_iterable(asked)))
        found = self._confirmed(maybe)
        looked_at = tuple(known)
        if not found:  # nearly always
            return [Memberships(looked_at, texts, _NONE_FOUND) for texts in asked]
        return [
            Memberships(
                looked_at,
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
        """Load nothing more."""
        self._loader.close()

    def is_loaded(self) -> bool:
        """Whether the digests of every list that was asked for are at hand and current."""
        return self._state is not None and not self._loader.behind(self._state)

    def _candidates(
        self, named: Collection[NamedList], texts: Collection[str]
    ) -> set[tuple[str, str]]:
        """The lists' ids and texts that a query must decide."""
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
        """The entries that count; None for all of them where the database does not answer."""
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
        fits = before is not None and before.asked == names
        if fits and (self._lately() or not self._turn.acquire(blocking=False)):
            return before
        if not fits:
            self._turn.acquire()
        try:
            return self._looked(names)
        finally:
            self._turn.release()

    def _lately(self) -> bool:
        # A clock that was set back must not stop the looking: so not before 0 either.
        if self._looked_at is None:
            return False
        return timedelta(0) <= self._clock() - self._looked_at < LOOKS_EVERY

    def _looked(self, names: frozenset[str]) -> ListBookState | None:
        """Look, unless another thread just did; the caller holds the turn."""
        before = self._state
        if self._lately() and (before is None or before.asked == names):
            return before
        try:
            self._state = list_book_state(self._engine, names, before)
        except Unavailable as error:
            _log.warning("list_book.kept", why=str(error))
        else:
            self._loader.catch_up(self._state)
        self._looked_at = self._clock()
        return self._state


def _folded(payment: Transaction) -> tuple[str, ...]:
    return tuple({fold(text) for text in listable_texts(payment) if text is not None})
