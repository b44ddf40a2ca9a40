"""fill_ledger: a ledger with many entries, written by the engine's own use cases."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from infra.bench.figures import payments
from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.assembly.container import Container
from risksentinel.assembly.label_changes import write_label
from risksentinel.assembly.ledger_log import anchor_ledger, chain_entries
from risksentinel.assembly.scoring import score_transactions
from risksentinel.domain.label import Finding, LabelSource, Report
from risksentinel.events.sources import INGEST
from risksentinel.payment_formats.payment_document import document
from risksentinel.ports.history import RebuildableHistory
from risksentinel.ports.ledger import AuditEntry
from risksentinel.telemetry.metrics import FunctionMetrics

_BATCH: Final = 500
_LABELLED: Final = 200  # one payment in so many has a label
_ANCHORED: Final = 50_000  # one anchor for so many payments
_DECISIONS: Final = 0.75  # the part of the entries; the others are acts, such as reads of accounts


def fill_ledger(container: Container, count: int) -> None:
    """Score and label payments and record acts until `count` entries are chained and anchored."""
    history = MemoryHistory(timedelta(seconds=container.settings.velocity_window_seconds))
    decisions = int(_DECISIONS * count)
    stated = payments(decisions)
    while some := list(islice(stated, _ANCHORED)):
        _score(container, history, some)
        _label(container, some)
        _anchor(container)
    record_acts(container, count)


def record_acts(container: Container, count: int) -> None:
    """Record acts until `count` entries are chained and anchored."""
    at, ledger = container.clock(), SqlLedger(container.engine)
    act = AuditEntry(at, "operator:bench", "accounts.read", "transaction", "bench", {"rows": 50})
    while (missing := count - _anchor(container)) > 0:
        for start in range(0, missing, _BATCH):
            with ledger.unit() as unit:
                unit.audit([act] * min(_BATCH, missing - start))


def _anchor(container: Container) -> int:
    """Chain all entries, and anchor the head; answers its size."""
    chain = chain_entries(container)
    while chain():
        pass
    return anchor_ledger(container)().size


def _score(container: Container, history: RebuildableHistory, stated: list[dict[str, Any]]) -> None:
    score = score_transactions(container, FunctionMetrics("bench"), history)
    for some in _batches(iter(stated)):
        read = [document(each) for each in some]
        score([each.transaction(str, container.clock()) for each in read], INGEST, {})


def _label(container: Container, stated: list[dict[str, Any]]) -> None:
    label = write_label(container, INGEST)
    for each in stated[::_LABELLED]:
        report = Report(each["id"], LabelSource.CHARGEBACK, Finding.FRAUD, container.clock())
        label(report, "bench")


def _batches(stated: Iterator[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    while some := list(islice(stated, _BATCH)):
        yield some
