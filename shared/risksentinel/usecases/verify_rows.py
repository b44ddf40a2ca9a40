"""VerifyRows: compares rules, labels, alerts and reports with their entries."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from risksentinel.domain.ledger_entry import LedgerEntry
from risksentinel.domain.ledger_fault import Fault
from risksentinel.ports.ledger_scan import LedgerScan, ScannedLabel, ScannedRule
from risksentinel.usecases.compare_entries import (
    ALWAYS,
    Compared,
    Details,
    Exceptions,
    named,
)

_AT_ONCE: Final = 5_000
_NEW: Final[Mapping[str, Mapping[str, str | None]]] = {
    "alert": {"status": "open", "assignee": None, "disposition": None, "note": None},
    "report": {"status": "open", "reference": None, "note": None},
}


class VerifyRows:
    """Takes the results of all entries in order; `end` compares what no single entry decides.

    With `whole` false the entries are the newest ones only: rows without an entry are not looked
    for.
    """

    def __init__(self, scan: LedgerScan, exceptions: Exceptions, *, whole: bool) -> None:
        self._scan, self._whole = scan, whole
        self._log_begins = exceptions.log_begins
        self._has_all_payments = exceptions.payments_begin == ALWAYS
        self._rules = {(each.rule_id, each.version): each for each in scan.rule_versions()}
        self._labels = {each.key: each for each in scan.labels()}
        self._cases: dict[tuple[str, str], tuple[int | None, int, Details]] = {}
        self._explained_rules: set[tuple[str, int]] = set()
        self._explained_labels: set[tuple[str, str, int]] = set()
        self._missing_labels: list[tuple[int | None, tuple[str, str, int]]] = []

    def compare(self, compared: Compared) -> Iterator[Fault]:
        """Compare the rows of these entries, other than verdicts."""
        for sequence, entry, details in compared.others:
            try:
                if entry.action == "transaction.labelled":
                    yield from self._label(sequence, entry, details)
                elif entry.subject_kind == "rule":
                    yield from self._rule(sequence, entry, details)
                elif entry.action in {"alert.changed", "report.changed"}:
                    case = (entry.subject_kind, entry.subject_id)
                    self._cases[case] = (sequence, details["version"], details["after"])
            except (KeyError, TypeError, ValueError):
                yield Fault(sequence, f"{named(entry)} has details of another form")

    def end(self) -> Iterator[Fault]:
        """Compare the rules in force, the state of alerts and reports, and rows without entry."""
        for rule in self._scan.rules():
            version = self._rules.get((rule.rule_id, rule.version))
            if version is None or not _same(rule, version.document):
                yield Fault(None, f"rule {rule.rule_id} in force is not its version {rule.version}")
        yield from self._removed_labels()
        for kind in _NEW:
            yield from self._states(kind)
        if self._whole:
            yield from self._unexplained()

    def _rule(self, sequence: int | None, entry: LedgerEntry, details: Details) -> Iterator[Fault]:
        if "document" not in details or "version" not in details:
            return
        key = (entry.subject_id, details["version"])
        self._explained_rules.add(key)
        version = self._rules.get(key)
        if version is None:
            yield Fault(sequence, f"version {key[1]} of rule {key[0]} was removed")
        elif not _same(version, details["document"]):
            yield Fault(sequence, f"version {key[1]} of rule {key[0]} was changed")

    def _label(self, sequence: int | None, entry: LedgerEntry, details: Details) -> Iterator[Fault]:
        key = (entry.subject_id, details["source"], details["version"])
        self._explained_labels.add(key)
        label = self._labels.get(key)
        if label is None:
            self._missing_labels.append((sequence, key))
        elif _said(label) != (entry.actor, details["finding"], _moment(details["reported_at"])):
            yield Fault(sequence, f"label {'.'.join(map(str, key))} was changed")

    def _removed_labels(self) -> Iterator[Fault]:
        """Labels without a row, whose payment was not dropped with its month."""
        for start in range(0, len(self._missing_labels), _AT_ONCE):
            some = self._missing_labels[start : start + _AT_ONCE]
            stored = self._scan.verdicts([key[0] for _, key in some])
            for sequence, key in some:
                if self._has_all_payments or key[0] in stored:
                    yield Fault(sequence, f"label {'.'.join(map(str, key))} was removed")

    def _states(self, kind: str) -> Iterator[Fault]:
        found = set()
        for case in self._scan.cases(kind):
            key = (kind, case.id)
            found.add(key)
            sequence, version, state = self._cases.get(key, (None, 1, _NEW[kind]))
            known = key in self._cases or self._whole
            if known and self._comparable(key) and (case.version, case.state) != (version, state):
                yield Fault(sequence, f"{kind} {case.id} was changed without an entry")
        for key, (sequence, _, _) in self._cases.items():
            gone = key[0] == kind and key not in found
            if gone and self._has_all_payments:
                yield Fault(sequence, f"{kind} {key[1]} was removed")

    def _comparable(self, key: tuple[str, str]) -> bool:
        """Whether the entries of the case can be expected in the log."""
        return key in self._cases or self._log_begins == ALWAYS

    def _unexplained(self) -> Iterator[Fault]:
        for name, at in self._scan.unexplained_verdicts():
            if at >= self._log_begins:
                yield Fault(None, f"the verdict of payment {name} was added without an entry")
        for key, version in self._rules.items():
            if key not in self._explained_rules and version.at >= self._log_begins:
                yield Fault(None, f"version {key[1]} of rule {key[0]} was added without an entry")
        for mark, label in self._labels.items():
            if mark not in self._explained_labels and label.written_at >= self._log_begins:
                yield Fault(None, f"label {'.'.join(map(str, mark))} was added without an entry")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _said(label: ScannedLabel) -> tuple[str, str, datetime]:
    return label.reported_by, label.finding, label.reported_at


def _same(rule: ScannedRule, document: Any) -> bool:  # noqa: ANN401  # JSON
    return bool(rule.document == document and rule.active == document.get("active"))
