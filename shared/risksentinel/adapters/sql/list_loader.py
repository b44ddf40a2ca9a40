"""DigestLoader: the digests of lists, updated by a thread."""

from array import array
from dataclasses import dataclass
from threading import Event, Thread
from typing import Final

import structlog
from sqlalchemy import Engine

from risksentinel.adapters.memory.digest_set import DigestSet
from risksentinel.adapters.sql.list_digests import ListBookState, digests_since
from risksentinel.domain.named_list import NamedList
from risksentinel.errors import Unavailable

CLOSE_SECONDS: Final = 5.0
# A list has more digests than entries after entries were removed: above 1.25 times its entries and
# 1,000 more, all its digests are loaded again.
_MAX_STALE_SHARE: Final = 1.25
_MAX_STALE: Final = 1000
_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Edition:
    """The digests of a list at a revision; digests of removed entries may be among them."""

    revision: int
    digests: DigestSet


class DigestLoader:
    """Holds the digests of each requested list; the last loaded ones stay after an error.

    The thread starts when a list is behind its revision and ends when no list is.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._editions: dict[str, _Edition] = {}
        self._thread: Thread | None = None
        self._closed = Event()
        self._wanted: ListBookState | None = None

    def current(self, named: NamedList) -> DigestSet | None:
        """The digests of the list at its revision or later; None while they are not loaded."""
        edition = self._editions.get(named.id)
        return None if edition is None or edition.revision < named.revision else edition.digests

    def behind(self, at: ListBookState) -> list[NamedList]:
        """The lists whose newest digests are not loaded."""
        return [each for each in at.lists.values() if self.current(each) is None]

    def catch_up(self, at: ListBookState) -> None:
        """Load what is behind, unless the thread is loading. For one caller at a time."""
        self._wanted = at
        loading = self._thread is not None and self._thread.is_alive()
        if self._closed.is_set() or loading or not self.behind(at):
            return
        self._thread = Thread(target=self._load, name="lists", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop loading."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def _load(self) -> None:
        try:
            while self._wanted is not None and not self._closed.is_set():
                self._load_once(self._wanted)
                if not self.behind(self._wanted):
                    return
        except Unavailable as error:
            _log.warning("list_book.not_loaded", why=str(error))
        except Exception:  # noqa: BLE001 - the next look tries again; until then queries decide
            _log.exception("list_book.not_loaded")

    def _load_once(self, at: ListBookState) -> None:
        ids = {each.id for each in at.lists.values()}
        self._editions = {key: each for key, each in self._editions.items() if key in ids}
        for each in self.behind(at):
            edition = self._edition(each, self._editions.get(each.id))
            if edition is not None:
                self._editions[each.id] = edition

    def _edition(self, named: NamedList, before: _Edition | None) -> _Edition | None:
        """The current digests of the list; None where the loader was closed meanwhile."""
        if before is not None and len(before.digests) > named.size * _MAX_STALE_SHARE + _MAX_STALE:
            before = None
        since = -1 if before is None else before.revision
        digests = array("q")
        for page in digests_since(self._engine, named.id, since):
            if self._closed.is_set():
                return None
            digests.extend(page)
        whole = DigestSet(digests) if before is None else before.digests.with_more(digests)
        return _Edition(named.revision, whole)
