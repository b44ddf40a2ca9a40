"""VerifyRows: compares verdicts, rules, labels, alerts and reports with their entries."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from risksentinel.domain.ledger_entry import LedgerEntry
from risksentinel.domain.ledger_fault import Fault
from risksentinel.ports.ledger_scan import LedgerScan, ScannedLabel, ScannedRule
from risksentinel.text import rfc3339

DROPPED: Final = "partition.dropped"
ERASED: Final = "account.erased"
_ALWAYS: Final = datetime(1, 1, 1, tzinfo=UTC)
Placed = tuple[int | None, LedgerEntry]  # the entry and its sequence; None before it is chained
Details = Mapping[str, Any]
_NEW: Final[Mapping[str, Mapping[str, str | None]]] = {
    "alert": {"status": "open", "assignee": None, "disposition": None, "note": None},
    "report": {"status": "open", "reference": None, "note": None},
}


class VerifyRows:
    """Takes all entries in order; `end` compares what no single entry decides.

    With `whole` false the entries are the newest ones only: rows without an entry are not looked
    for.
    """

    def __init__(self, scan: LedgerScan, *, whole: bool) -> None:
        self._scan, self._whole = scan, whole
        self._rules = {(each.rule_id, each.version): each for each in scan.rule_versions()}
        self._labels = {each.key: each for each in scan.labels()}
        self._cases: dict[tuple[str, str], tuple[int | None, int, Details]] = {}
        dropped = [json.loads(entry.details) for entry in scan.of_action(DROPPED)]
        self.log_begins = _begin(dropped, "audit_log")
        self._payments_begin = _begin(dropped, "transactions")
        self._after_erasure: dict[str, str] = {}
        for entry in scan.of_action(ERASED):
            self._after_erasure |= json.loads(entry.details)["payments"]
        self._explained_rules: set[tuple[str, int]] = set()
        self._explained_labels: set[tuple[str, str, int]] = set()
        self.erased = 0

    def compare(self, entries: Sequence[Placed]) -> Iterator[Fault]:
        """Compare the rows of these entries."""
        scored: list[tuple[int | None, LedgerEntry, Details]] = []
        for sequence, entry in entries:
            if entry.action == "transaction.scored":
                scored.append((sequence, entry, json.loads(entry.details)))
            elif entry.action == "transaction.labelled":
                yield from self._label(sequence, entry, json.loads(entry.details))
            elif entry.subject_kind == "rule":
                yield from self._rule(sequence, entry, json.loads(entry.details))
            elif entry.action in {"alert.changed", "report.changed"}:
                details = json.loads(entry.details)
                case = (entry.subject_kind, entry.subject_id)
                self._cases[case] = (sequence, details["version"], details["after"])
        yield from self._verdicts(scored)

    def end(self) -> Iterator[Fault]:
        """Compare the rules in force, the state of alerts and reports, and rows without entry."""
        for rule in self._scan.rules():
            version = self._rules.get((rule.rule_id, rule.version))
            if version is None or not _same(rule, version.document):
                yield Fault(None, f"rule {rule.rule_id} in force is not its version {rule.version}")
        for kind in _NEW:
            yield from self._states(kind)
        if self._whole:
            yield from self._unexplained()

    def _verdicts(
        self, scored: Sequence[tuple[int | None, LedgerEntry, Details]]
    ) -> Iterator[Fault]:
        stored = self._scan.verdicts([entry.subject_id for _, entry, _ in scored]) if scored else {}
        for sequence, entry, details in scored:
            name, verdict = entry.subject_id, stored.get(entry.subject_id)
            if verdict is None:
                if _received(entry, details) >= self._payments_begin:
                    yield Fault(sequence, f"the verdict of payment {name} was removed")
                continue
            erased = self._after_erasure.get(name)
            self.erased += erased is not None
            expected = erased or details.get("commitment", verdict.commitment)
            same = f"{float(details['score']):.4f}", details["decision"]
            if (verdict.score, verdict.decision) != same or verdict.commitment != expected:
                yield Fault(
                    sequence, f"payment {name}, its verdict or its receipt was changed after {same}"
                )

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
            if not self._payments_begin > _ALWAYS:
                yield Fault(sequence, f"label {'.'.join(map(str, key))} was removed")
        elif _said(label) != (entry.actor, details["finding"], _moment(details["reported_at"])):
            yield Fault(sequence, f"label {'.'.join(map(str, key))} was changed")

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
            if gone and not self._payments_begin > _ALWAYS:
                yield Fault(sequence, f"{kind} {key[1]} was removed")

    def _comparable(self, key: tuple[str, str]) -> bool:
        """Whether the entries of the case can be expected in the log."""
        return key in self._cases or self.log_begins == _ALWAYS

    def _unexplained(self) -> Iterator[Fault]:
        for name, at in self._scan.unexplained_verdicts():
            if at >= self.log_begins:
                yield Fault(None, f"the verdict of payment {name} was added without an entry")
        for key, version in self._rules.items():
            if key not in self._explained_rules and version.at >= self.log_begins:
                yield Fault(None, f"version {key[1]} of rule {key[0]} was added without an entry")
        for mark, label in self._labels.items():
            if mark not in self._explained_labels and label.written_at >= self.log_begins:
                yield Fault(None, f"label {'.'.join(map(str, mark))} was added without an entry")


def _begin(dropped: Sequence[Details], table: str) -> datetime:
    """The moment before which the rows of the table were dropped."""
    return max(
        (rfc3339.parse(each["until"]) for each in dropped if each["table"] == table),
        default=_ALWAYS,
    )


def _received(entry: LedgerEntry, details: Details) -> datetime:
    return rfc3339.parse(details["received_at"]) if "received_at" in details else entry.at


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _said(label: ScannedLabel) -> tuple[str, str, datetime]:
    return label.reported_by, label.finding, label.reported_at


def _same(rule: ScannedRule, document: Any) -> bool:  # noqa: ANN401  # JSON
    return bool(rule.document == document and rule.active == document.get("active"))
