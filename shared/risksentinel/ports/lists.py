"""Named lists: membership for scoring, entries for readers, and changes."""

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
    """Membership in lists for rules, at most two seconds old."""

    def matches(
        self, batch: Sequence[Transaction], names: Collection[str]
    ) -> Sequence[Memberships | Silent]:
        """The memberships of each payment in the lists of these names, in order. Never raises.

        Silent where the lists could not be read. A list that does not exist is not among the names
        of the answer, and is unknown.
        """


@dataclass(frozen=True, slots=True)
class Changed:
    """The numbers of added and of replaced entries."""

    added: int
    replaced: int


class ListRecords(Protocol):
    """Lists and their entries, for readers."""

    def lists(self) -> Sequence[NamedList]:
        """All lists, by name."""

    def named(self, name: str) -> NamedList:
        """The list of this name. Raises NotFound."""

    def entries(
        self, of: NamedList, after: tuple[str, ...] | None, most: int, *, value: str | None = None
    ) -> Page[Entry]:
        """Entries ordered by folded value; with `value` only the entry of that value.

        Raises NoCursor where `after` is not a key.
        """


class ListUnit(Protocol):
    """One database transaction that writes lists; writers wait for each other."""

    def named(self, name: str) -> NamedList:
        """The list of this name. Raises NotFound."""

    def create(self, new: NamedList) -> NamedList:
        """Store a new list. Raises Conflict where a list has the name, or MAX_LISTS exist."""

    def entry(self, of: NamedList, value: str) -> Entry | None:
        """The entry of this value in any spelling; None where the list has none."""

    def put(
        self, into: NamedList, drafts: Iterable[EntryDraft], author: str, at: datetime
    ) -> Changed:
        """Add or replace entries; no two have the same value.

        Raises:
            Conflict: the list would have more than MAX_ENTRIES.
        """

    def remove(self, of: NamedList, value: str) -> None:
        """Remove the entry of this value from the list. Raises NotFound."""

    def drop(self, named: NamedList) -> None:
        """Delete the list; `ListLedger.sweep` deletes its entries."""

    def active_rules(self) -> Sequence[Rule]:
        """The rules in force that can be read."""

    def digest(self, value: str) -> str:
        """The keyed digest that names the value in audit entries: they contain no account."""

    def audit(self, entries: Sequence[AuditEntry]) -> None: ...


class ListLedger(Protocol):
    """The database for use cases that write lists."""

    def unit(self) -> AbstractContextManager[ListUnit]:
        """Open a transaction: it commits at the end of the block, or rolls back on an error."""

    def sweep(self) -> None:
        """Delete the entries of deleted lists, in small transactions."""
