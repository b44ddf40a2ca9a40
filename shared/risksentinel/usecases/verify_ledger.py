"""VerifyLedger: names the first entry of the ledger that was changed, removed or added."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Final, Protocol

from risksentinel.domain.ledger_fault import Fault
from risksentinel.ports.ledger_log import Anchors, HeadSigner
from risksentinel.ports.ledger_scan import LedgerScan, OpensScan
from risksentinel.usecases.compare_entries import (
    Compared,
    CompareEntries,
    Exceptions,
    named,
)
from risksentinel.usecases.verify_rows import VerifyRows
from risksentinel.usecases.verify_tree import VerifyTree

AT_ONCE: Final = 5_000
_BEFORE_ALL: Final = -(2**62)  # the first leaf has sequence 0; one with a lower number was added
Range = tuple[int, int]  # the sequence of the first leaf, and the one after the last


class ComparesRanges(Protocol):
    """Compares the entries of ranges of leaves; yields the results in order."""

    def __call__(
        self, scan: LedgerScan, exceptions: Exceptions, ranges: Iterable[Range], /
    ) -> Iterator[Compared]:
        """Raises Unavailable."""


def compare_here(
    scan: LedgerScan, exceptions: Exceptions, ranges: Iterable[Range]
) -> Iterator[Compared]:
    """Compare one range after the other in this process."""
    compare = CompareEntries(scan, exceptions)
    return (compare.chained(*each) for each in ranges)


@dataclass(slots=True)
class Verified:
    """The result; the fault of the first wrong entry is the first one."""

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
    compare: ComparesRanges = compare_here

    def __call__(self, since: datetime | None = None) -> Verified:
        """Verify; with `since` only the content of entries from then on, but the whole tree."""
        with self.open() as scan:
            run = _Run(scan, self, since)
            for compared in self.compare(scan, run.exceptions, run.ranges()):
                run.take(compared)
            run.rest()
        run.result.faults.sort(key=attrgetter("order"))
        return run.result


class _Run:
    """One verification."""

    def __init__(self, scan: LedgerScan, verify: VerifyLedger, since: datetime | None) -> None:
        self.result, self.exceptions = Verified(), Exceptions.read(scan)
        self._scan, self._begin = scan, _BEFORE_ALL if since is None else scan.first_since(since)
        self._rows = VerifyRows(scan, self.exceptions, whole=since is None)
        self._is_tagged = False
        self._state = scan.state()
        self._tree = VerifyTree(
            {(height, number): root for height, number, root in scan.tiles()}, verify.signer
        )
        heads, anchors = scan.heads(), verify.anchors.heads()
        self.result.heads, self.result.anchors = len(heads), len(anchors)
        for name, some in (
            ("the head", [self._state.head]),
            ("the stored head", heads),
            ("the anchor", anchors),
        ):
            self.result.faults += self._tree.expect(name, some)

    def ranges(self) -> Iterator[Range]:
        """Verify the tree; yields the ranges whose entries are to be compared."""
        begin = _BEFORE_ALL
        while leaves := self._scan.leaf_hashes(begin, AT_ONCE):
            for sequence, leaf_hash in leaves:
                self.result.faults += self._tree.take(sequence, leaf_hash)
            first, begin = leaves[0][0], leaves[-1][0] + 1
            if begin > self._begin:
                yield max(first, self._begin), begin
        last = self._scan.leaves(begin - 1, begin)
        self.result.faults += self._tree.end(self._state, last[0] if last else None)

    def take(self, compared: Compared) -> None:
        """Add a result, in the order of the ledger."""
        self.result.entries += compared.entries
        self.result.dropped += compared.dropped
        self.result.erased += compared.erased
        self.result.faults += compared.faults
        # Entries of an earlier release have no tag; none of them follows an entry with a tag.
        self.result.faults += [
            fault
            for place, fault in compared.untagged
            if self._is_tagged
            or (compared.tagged_from is not None and compared.tagged_from < place)
        ]
        self._is_tagged = self._is_tagged or compared.tagged_from is not None
        self.result.faults += self._rows.compare(compared)

    def rest(self) -> None:
        """Compare what has no leaf, and what no single entry decides."""
        unchained, faults = self._scan.unchained(), self.result.faults
        for entry in unchained:
            faults.append(Fault(None, f"{named(entry)} was added: the ledger does not contain it"))
        known = {entry.id for entry in unchained}
        compare = CompareEntries(self._scan, self.exceptions)
        after = 0
        while pending := self._scan.pending(after, AT_ONCE):
            after = pending[-1].id
            mine = [entry for entry in pending if entry.id not in known]
            self.result.pending += len(mine)
            self.take(compare.pending(mine))
        for entry_id in self._scan.repeated():
            faults.append(Fault(None, f"entry {entry_id} was added: it repeats another entry"))
        faults += self._rows.end()
