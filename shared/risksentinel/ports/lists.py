"""Named lists, seen from those who look payments up, read entries, and write them."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from risksentinel.domain.named_list import Entry, EntryDraft, Memberships, NamedList
from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.ports.ledger import AuditEntry
from risksentinel.ports.pages import Page
from risksentinel.rules.rule import Rule


class ListBook(Protocol):
    """The lists as rules ask for them, at most two seconds old."""

    def matches(
        self, batch: Sequence[Transaction], names: Collection[str]
    ) -> Sequence[Memberships | Silent]:
        """What is known of each payment and the lists of these names, in order. Never raises.

        Silent where no list could be looked at. A list that does not exist is not among the
        answer's names, and so unknown.
        """


@dataclass(frozen=True, slots=True)
class Changed:
    """How many entries a change added, and how many it replaced."""

    added: int
    replaced: int


class ListRecords(Protocol):
    """Lists and their entries, to read."""

    def lists(self) -> Sequence[NamedList]:
        """All of them, by name."""

    def named(self, name: str) -> NamedList:
        """The list of this name. Raises NotFound."""

    def entries(
        self, of: NamedList, after: tuple[str, ...] | None, most: int, *, value: str | None = None
    ) -> Page[Entry]:
        """Entries by their folded value; only the one of `value`, where that is given.

        Raises NoCursor where `after` is no key.
        """


class ListUnit(Protocol):
    """One database transaction that writes lists; writers wait for one another."""

    def named(self, name: str) -> NamedList:
        """The list of this name. Raises NotFound."""

    def create(self, new: NamedList) -> NamedList:
        """Keep a new list. Raises Conflict where one has its name, or there are MAX_LISTS."""

    def entry(self, of: NamedList, value: str) -> Entry | None:
        """The entry of this value in any spelling; None where the list has none."""

    def put(
        self, into: NamedList, drafts: Iterable[EntryDraft], author: str, at: datetime
    ) -> Changed:
        """Add or replace entries, each of another value.

        Raises:
            Conflict: the list would have more than MAX_ENTRIES.
        """

    def remove(self, of: NamedList, value: str) -> None:
        """Take the entry of this value off the list. Raises NotFound."""

    def drop(self, named: NamedList) -> None:
        """Delete the list; `ListLedger.sweep` deletes its entries."""

    def active_rules(self) -> Sequence[Rule]:
        """The rules in force that can be read."""

    def audit(self, entries: Sequence[AuditEntry]) -> None: ...


class ListLedger(Protocol):
    """The database, seen from those who write lists."""

    def unit(self) -> AbstractContextManager[ListUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""

    def sweep(self) -> None:
        """Delete the entries of lists that are gone, in small transactions."""
