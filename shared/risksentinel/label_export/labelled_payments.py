"""Payments and what they turned out to be, as a file: Parquet for training, CSV for people."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from risksentinel.domain.label import SILENCE, KnownOutcome
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
    """What writes a file of this name, by its extension. Raises Misconfigured where none does."""
    opened = FORMATS.get(path.suffix.lower())
    if opened is None:
        raise Misconfigured(f"{path.name}: give a name that ends in {' or '.join(FORMATS)}")
    return opened


def write_labelled(outcomes: Iterable[LabelOutcome], path: Path) -> Counter[str]:
    """Write the payments, some at a time; answers how many have their label from which source.

    What nobody can know yet is null: `fraud`, `label_source` and `known_at` alike. The file is
    there when it is whole, and readable by its owner only: it holds account numbers.

    Raises:
        Misconfigured: its name has no known extension, or it cannot be written there.
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


def _scored(said: ScoredAs | None) -> Values:
    """What the engine said then. For comparing, not for training: a model would learn itself."""
    return {
        "risk_score": said and said.score,
        "rules_fired": said and list(said.rules),
        "model_version": said and said.model_version,
    }


def _label(known: KnownOutcome | None, paid_at: datetime) -> Values:
    if known is None:
        return {"fraud": None, "label_source": None, "known_at": None}
    return {
        "fraud": known.fraud,
        "label_source": SILENCE if known.source is None else known.source.value,
        # The payer's clock may run ahead of the one by which the label was written.
        "known_at": max(known.known_at, paid_at),
    }


@contextmanager
def _whole(opened: Opened, path: Path) -> Iterator[Write]:
    """Write beside the place, and move the file there at the end."""
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
