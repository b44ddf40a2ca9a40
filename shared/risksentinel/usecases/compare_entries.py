"""CompareEntries: compares entries with their leaves and tags, and verdicts with their entries."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from risksentinel.domain.ledger_entry import LedgerEntry
from risksentinel.domain.ledger_fault import Fault
from risksentinel.errors import Malformed
from risksentinel.ports.ledger_log import Leaf
from risksentinel.ports.ledger_scan import LedgerScan, ScannedVerdict
from risksentinel.text import rfc3339

DROPPED: Final = "partition.dropped"
ERASED: Final = "account.erased"
# An operator accepted entries without a tag, which processes of an earlier release wrote while
# they were replaced.
ACCEPTED: Final = "ledger.accepted"
ALWAYS: Final = datetime(1, 1, 1, tzinfo=UTC)
_SCORED: Final = "transaction.scored"

_UNKNOWN: Final = "was added or changed: no RiskSentinel process wrote it"
Details = Mapping[str, Any]
# An entry with its sequence, None before it is chained, and its details.
Placed = tuple[int | None, LedgerEntry, Details]


@dataclass(frozen=True, slots=True)
class Exceptions:
    """What retention, erasures and operators changed; their entries are entries of the ledger."""

    log_begins: datetime  # earlier entries were dropped
    payments_begin: datetime  # payments that were received earlier were dropped
    after_erasure: Mapping[str, str]  # the newest commitment of each erased payment
    accepted: frozenset[int]  # entries that need no tag

    @classmethod
    def read(cls, scan: LedgerScan) -> "Exceptions":
        """Read the entries that state them; a damaged one states nothing, and is a fault later."""
        dropped: dict[str, datetime] = {}
        after_erasure: dict[str, str] = {}
        accepted: set[int] = set()
        for entry in scan.of_actions([DROPPED, ERASED, ACCEPTED]):
            with suppress(KeyError, TypeError, ValueError, Malformed):
                details = read_details(entry) or {}
                if entry.action == DROPPED:
                    table, until = details["table"], rfc3339.parse(details["until"])
                    dropped[table] = max(until, dropped.get(table, ALWAYS))
                elif entry.action == ERASED:
                    after_erasure |= details["payments"]
                else:
                    accepted |= set(details["entries"])
        return cls(
            dropped.get("audit_log", ALWAYS),
            dropped.get("transactions", ALWAYS),
            after_erasure,
            frozenset(accepted),
        )


@dataclass(slots=True)
class Compared:
    """The result for some entries in their order; it is passed between processes.

    `untagged` are entries without a tag, each with its fault: whether they may lack one depends on
    the entries before them. `tagged_from` is the place of the first entry with a valid tag.
    `others` are the entries of other subjects than verdicts.
    """

    entries: int = 0  # whose content was compared
    dropped: int = 0  # whose content went with its month
    erased: int = 0  # whose subject was erased
    faults: list[Fault] = field(default_factory=list)
    untagged: list[tuple[int, Fault]] = field(default_factory=list)  # the place, counted from 0
    tagged_from: int | None = None
    others: list[Placed] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CompareEntries:
    """Compares independent parts of the ledger, also in several processes."""

    scan: LedgerScan
    exceptions: Exceptions

    def chained(self, begin: int, end: int) -> Compared:
        """Compare the entries of the leaves from `begin` to before `end`."""
        result, leaves = Compared(), self.scan.leaves(begin, end)
        entries, found = self.scan.entries(leaves), list[tuple[Leaf | None, LedgerEntry]]()
        for leaf in leaves:
            entry = entries.get(leaf.entry_id)
            if entry is not None:
                found.append((leaf, entry))
            elif leaf.entry_at < self.exceptions.log_begins:
                result.dropped += 1
            else:
                what = f"entry {leaf.entry_id} of {rfc3339.to_text(leaf.entry_at)} was removed"
                result.faults.append(Fault(leaf.sequence, what))
        result.entries = len(found)
        self._take(result, found)
        return result

    def pending(self, entries: Sequence[LedgerEntry]) -> Compared:
        """Compare entries that have no leaf yet."""
        result = Compared()
        self._take(result, [(None, entry) for entry in entries])
        return result

    def _take(self, result: Compared, entries: Sequence[tuple[Leaf | None, LedgerEntry]]) -> None:
        scored: list[tuple[int | None, LedgerEntry, Details]] = []
        for place, (leaf, entry) in enumerate(entries):
            sequence = None if leaf is None else leaf.sequence
            authentic = self.scan.is_authentic(entry)
            what = _difference(leaf, entry)
            if what is None and authentic is False:
                if entry.tag is not None:
                    what = _UNKNOWN
                elif entry.id not in self.exceptions.accepted:
                    fault = Fault(sequence, f"{named(entry)} {_UNKNOWN}")
                    result.untagged.append((place, fault))
            elif authentic and result.tagged_from is None:
                result.tagged_from = place
            details = read_details(entry) if what is None else None
            if what is not None:
                result.faults.append(Fault(sequence, f"{named(entry)} {what}"))
            elif details is None:
                result.faults.append(Fault(sequence, f"{named(entry)} has no readable details"))
            elif entry.action == _SCORED:
                scored.append((sequence, entry, details))
            else:
                result.others.append((sequence, entry, details))
        self._verdicts(result, scored)

    def _verdicts(
        self, result: Compared, scored: Sequence[tuple[int | None, LedgerEntry, Details]]
    ) -> None:
        stored = self.scan.verdicts([entry.subject_id for _, entry, _ in scored]) if scored else {}
        for sequence, entry, details in scored:
            verdict = stored.get(entry.subject_id)
            if verdict is not None:
                result.erased += entry.subject_id in self.exceptions.after_erasure
                what = self._differing(entry, details, verdict)
            else:
                is_dropped = _received(entry, details) < self.exceptions.payments_begin
                what = (
                    None if is_dropped else f"the verdict of payment {entry.subject_id} was removed"
                )
            if what is not None:
                result.faults.append(Fault(sequence, what))

    def _differing(
        self, entry: LedgerEntry, details: Details, verdict: ScannedVerdict
    ) -> str | None:
        erased = self.exceptions.after_erasure.get(entry.subject_id)
        expected = erased or details.get("commitment", verdict.commitment)
        same = _four_places(details.get("score")), details.get("decision")
        if (verdict.score, verdict.decision) == same and verdict.commitment == expected:
            return None
        return f"payment {entry.subject_id}, its verdict or its receipt was changed after {same}"


def read_details(entry: LedgerEntry) -> Details | None:
    """The details of an entry; None where they are no JSON object."""
    try:
        found = json.loads(entry.details)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _difference(leaf: Leaf | None, entry: LedgerEntry) -> str | None:
    """How the entry differs from its leaf."""
    if leaf is None:
        return None
    try:
        is_same = entry.leaf == leaf.leaf_hash
    except (ValueError, RecursionError):  # the details are no JSON
        is_same = False
    if not is_same:
        return "was changed"
    return None if entry.at == leaf.entry_at else "has another time in its leaf"


def named(entry: LedgerEntry) -> str:
    """The entry in words, without its details: they may be forged."""
    return (
        f"entry {entry.id} ({entry.action} of {entry.subject_kind} {entry.subject_id} "
        f"by {entry.actor}, {rfc3339.to_text(entry.at)})"
    )


def _four_places(score: Any) -> str | None:  # noqa: ANN401  # JSON: a text; a number before 0014
    try:
        return f"{float(score):.4f}"
    except (TypeError, ValueError):
        return None


def _received(entry: LedgerEntry, details: Details) -> datetime:
    return rfc3339.parse(details["received_at"]) if "received_at" in details else entry.at
