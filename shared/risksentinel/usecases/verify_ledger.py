"""VerifyLedger: names the first entry of the ledger that was changed, removed or added."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from risksentinel.domain.ledger_entry import LedgerEntry
from risksentinel.domain.ledger_fault import Fault
from risksentinel.ports.ledger_log import Anchors, HeadSigner, Leaf
from risksentinel.ports.ledger_scan import LedgerScan, OpensScan
from risksentinel.text import rfc3339
from risksentinel.usecases.verify_rows import VerifyRows
from risksentinel.usecases.verify_tree import VerifyTree, unsigned

AT_ONCE: Final = 5_000
# An operator accepted entries without a tag, which processes of an earlier release wrote while
# they were replaced.
ACCEPTED: Final = "ledger.accepted"


@dataclass(slots=True)
class Verified:
    """The result; the faults are in the order of the ledger, those of single rows first."""

    entries: int = 0  # whose content was compared
    dropped: int = 0  # whose content went with its month
    erased: int = 0  # whose subject was erased
    pending: int = 0  # not chained yet
    heads: int = 0
    anchors: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class VerifyLedger:
    """Compares entries with leaves, leaves with heads and anchors, and rows with entries."""

    open: OpensScan
    anchors: Anchors
    signer: HeadSigner | None

    def __call__(self, since: datetime | None = None) -> Verified:
        """Verify; with `since` only the content of entries from then on, but the whole tree."""
        with self.open() as scan:
            run = _Run(scan, since)
            run.result.faults += self._tree(scan, run)
            run.result.faults += run.rest()
        run.result.faults.sort(key=_order)
        return run.result

    def _tree(self, scan: LedgerScan, run: "_Run") -> Iterator[Fault]:
        state, heads, anchors = scan.state().head, scan.heads(), self.anchors.heads()
        run.result.heads, run.result.anchors = len(heads), len(anchors)
        tree = VerifyTree({(height, number): root for height, number, root in scan.tiles()})
        sources = (("the head", [state]), ("the stored head", heads), ("the anchor", anchors))
        for name, some in sources:
            tree.expect(name, some)
            if self.signer is not None:
                yield from unsigned(name, some, self.signer.is_valid)
        begin = 0
        while leaves := scan.leaves(begin, AT_ONCE):
            for leaf in leaves:
                yield from tree.take(leaf)
            yield from run.compare(leaves)
            begin = leaves[-1].sequence + 1
        yield from tree.end()


class _Run:
    """One verification of the content of entries and rows."""

    def __init__(self, scan: LedgerScan, since: datetime | None) -> None:
        self.result = Verified()
        self._scan = scan
        self._begin = 0 if since is None else scan.first_since(since)
        self._rows = VerifyRows(scan, whole=since is None)
        self._is_tagged = False
        self._accepted = {
            entry_id
            for entry in scan.of_action(ACCEPTED)
            for entry_id in json.loads(entry.details)["entries"]
        }

    def compare(self, leaves: Sequence[Leaf]) -> Iterator[Fault]:
        """Compare the leaves with their entries, and rows with the entries."""
        wanted = [leaf for leaf in leaves if leaf.sequence >= self._begin]
        entries = self._scan.entries([leaf.entry_id for leaf in wanted]) if wanted else {}
        found: list[tuple[int, LedgerEntry]] = []
        for leaf in wanted:
            entry = entries.get(leaf.entry_id)
            if entry is None and leaf.entry_at < self._rows.log_begins:
                self.result.dropped += 1
            elif entry is None:
                at = rfc3339.to_text(leaf.entry_at)
                yield Fault(leaf.sequence, f"entry {leaf.entry_id} of {at} was removed")
            else:
                self.result.entries += 1
                yield from self._entry(leaf.sequence, entry, leaf.leaf_hash)
                found.append((leaf.sequence, entry))
        yield from self._rows.compare(found)

    def rest(self) -> Iterator[Fault]:
        """Compare what has no leaf."""
        for entry in self._scan.unchained():
            yield Fault(None, f"{_named(entry)} was added: the ledger does not contain it")
        pending = self._scan.pending()
        self.result.pending = len(pending)
        for entry in pending:
            yield from self._entry(None, entry, None)
        for entry_id in self._scan.repeated():
            yield Fault(None, f"entry {entry_id} was added: it repeats another entry")
        yield from self._rows.compare([(None, entry) for entry in pending])
        yield from self._rows.end()
        self.result.erased = self._rows.erased

    def _entry(
        self, sequence: int | None, entry: LedgerEntry, leaf_hash: bytes | None
    ) -> Iterator[Fault]:
        authentic = self._scan.is_authentic(entry)
        if leaf_hash is not None and entry.leaf != leaf_hash:
            yield Fault(sequence, f"{_named(entry)} was changed")
        elif authentic is False and not self._may_lack_tag(entry):
            yield Fault(
                sequence, f"{_named(entry)} was added or changed: no RiskSentinel process wrote it"
            )
        self._is_tagged = self._is_tagged or authentic is True

    def _may_lack_tag(self, entry: LedgerEntry) -> bool:
        """Whether an earlier release wrote the entry, or an operator accepted it."""
        return entry.tag is None and (not self._is_tagged or entry.id in self._accepted)


def _named(entry: LedgerEntry) -> str:
    """The entry in words, without its details: they may be forged."""
    return (
        f"entry {entry.id} ({entry.action} of {entry.subject_kind} {entry.subject_id} "
        f"by {entry.actor}, {rfc3339.to_text(entry.at)})"
    )


def _order(fault: Fault) -> tuple[bool, int]:
    return fault.sequence is None, fault.sequence or 0
