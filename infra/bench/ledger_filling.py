"""fill_ledger: a ledger with many entries, written by the engine's own use cases."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from infra.bench.figures import payments
from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.assembly.container import Container
from risksentinel.assembly.label_changes import write_label
from risksentinel.assembly.ledger_log import anchor_ledger, chain_entries
from risksentinel.assembly.scoring import score_transactions
from risksentinel.domain.label import Finding, LabelSource, Report
from risksentinel.events.sources import INGEST
from risksentinel.payment_formats.payment_document import document
from risksentinel.ports.history import History
from risksentinel.telemetry.metrics import FunctionMetrics

_BATCH: Final = 500
_LABELLED: Final = 200  # one payment in so many has a label
_ANCHORED: Final = 50_000  # one anchor for so many payments


def fill_ledger(container: Container, count: int) -> None:
    """Score and label payments, chain their entries and anchor the head, until it has `count`."""
    chain, anchor = chain_entries(container), anchor_ledger(container)
    history = MemoryHistory(timedelta(seconds=container.settings.velocity_window_seconds))
    stated, size = payments(count), 0
    while size < count:
        some = list(islice(stated, min(_ANCHORED, count - size)))
        _score(container, history, some)
        _label(container, some)
        while chain():
            pass
        size = anchor().size


def _score(container: Container, history: History, stated: list[dict[str, Any]]) -> None:
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
