"""Writes labelled payments to a file: Parquet for training, CSV for spreadsheets."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from risksentinel.domain.label import SILENCE
from risksentinel.domain.reviewed import KnownOutcome
from risksentinel.errors import Misconfigured
from risksentinel.label_export.csv_file import csv_writer
from risksentinel.label_export.parquet_file import parquet_writer
from risksentinel.ports.label_records import LabelOutcome, ScoredAs

BATCH_SIZE: Final = 20_000  # payments in memory
UNKNOWN: Final = "unknown"
Values = Mapping[str, Any]
Write = Callable[[Sequence[Values]], None]
Opened = Callable[[Path], AbstractContextManager[Write]]

FORMATS: Final[Mapping[str, Opened]] = MappingProxyType(
    {".parquet": parquet_writer, ".csv": csv_writer}
)


def format_of(path: Path) -> Opened:
    """The writer for the suffix of the file. Raises Misconfigured for other suffixes."""
    opened = FORMATS.get(path.suffix.lower())
    if opened is None:
        raise Misconfigured(f"{path.name}: give a file name that ends in {' or '.join(FORMATS)}")
    return opened


def write_labelled(outcomes: Iterable[LabelOutcome], path: Path) -> Counter[str]:
    """Write the payments in batches; return the number of labels by source.

    Without a label `fraud`, `label_source` and `known_at` are null. The file appears when it is
    complete, and is readable by its owner only: it contains account numbers.

    Raises:
        Misconfigured: the suffix is not known, or the file cannot be written.
    """
    counted: Counter[str] = Counter()
    rows = map(_row, outcomes)
    with _whole(format_of(path), path) as write:
        while some := list(islice(rows, BATCH_SIZE)):
            counted.update(row["label_source"] or UNKNOWN for row in some)
            write(some)
    return counted


def _row(outcome: LabelOutcome) -> Values:
    payment, decision = outcome.remembered.transaction, outcome.remembered.decision
    return {
        **payment.to_mapping(),
        "decision": decision and decision.value,
        **_scored(outcome.scored_as),
        **_label(outcome.known, payment.occurred_at),
    }


def _scored(scored_as: ScoredAs | None) -> Values:
    """The result of scoring, for comparison; training must not use it as a feature."""
    return {
        "risk_score": scored_as and scored_as.score,
        "rules_fired": scored_as and list(scored_as.rules),
        "model_version": scored_as and scored_as.model_version,
    }


def _label(known: KnownOutcome | None, paid_at: datetime) -> Values:
    if known is None:
        return {"fraud": None, "label_source": None, "known_at": None}
    return {
        "fraud": known.fraud,
        "label_source": SILENCE if known.source is None else known.source.value,
        # The clock of the payer may be ahead of the clock of the label.
        "known_at": max(known.known_at, paid_at),
    }


@contextmanager
def _whole(opened: Opened, path: Path) -> Iterator[Write]:
    """Write to a temporary file, and rename it at the end."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.touch(mode=0o600)
        with opened(part) as write:
            yield write
        part.replace(path)
    except OSError as error:
        raise Misconfigured(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
