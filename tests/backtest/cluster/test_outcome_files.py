"""Outcomes of all passes and partitions become the segments of one process, or are refused."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risksentinel.adapters.objects.folder import FolderObjects
from risksentinel.backtest.cluster import outcome_files
from risksentinel.backtest.cluster.outcome_files import OutcomeFiles
from risksentinel.backtest.cluster.storage import Export
from risksentinel.backtest.segment_table import segment_table
from risksentinel.domain.verdict import Decision
from risksentinel.errors import Malformed
from risksentinel.scoring.partitions.past_events import PastEvent, PastPayment, partition_of
from risksentinel.scoring.partitions.past_outcome import PastOutcome
from risksentinel.scoring.partitions.stages import Changed, Decisions
from tests.scoring.partitions.past_lives import pasts

PARTITIONS = 3
_DECISIONS = [{5: Decision.REVIEW}, {}, {7: Decision.APPROVE, 8: Decision.DECLINE}]


@pytest.fixture(autouse=True)
def small_spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every past has several spans of several segments."""
    with monkeypatch.context() as patched:
        patched.setattr(outcome_files, "SEGMENT", 4)
        patched.setattr(outcome_files, "SPAN", 8)
        yield


def asked(events: Sequence[PastEvent]) -> list[PastPayment]:
    """The payments without a given decision."""
    return [each for each in events if isinstance(each, PastPayment) and each.given is None]


def outcome(past: PastPayment, number: int) -> PastOutcome:
    """An outcome of a pass."""
    rules = (f"rule {past.order}",) if past.order % 2 else ()
    return PastOutcome(Decision.REVIEW, past.order * 10 + number, past.order % 3 == 0, rules)


def files_of(events: Sequence[PastEvent], folder: str) -> OutcomeFiles:
    """The files of an export with these events."""
    payments = sum(isinstance(each, PastPayment) for each in events)
    export = Export("past", len(events), payments, len(asked(events)))
    return OutcomeFiles(FolderObjects(Path(folder)), export, "candidate", PARTITIONS)


def keep(
    files: OutcomeFiles, events: Sequence[PastEvent], number: int, every: int, left_out: int = -1
) -> None:
    """Keep the outcomes of a pass, of each `every`-th payment."""
    decisions: list[Decisions] = [{} for _ in range(PARTITIONS)]
    for partition in range(PARTITIONS):
        results = {
            each.order: outcome(each, number)
            for each in events
            if isinstance(each, PastPayment)
            and partition_of(each.payment.sender_id, PARTITIONS) == partition
            and each.order % every == 0
            and each.order != left_out
        }
        files.keep(number, partition, events, Changed(results, decisions))


@settings(max_examples=20)
@given(pasts(), st.integers(1, 4))
def test_the_latest_outcomes_come_in_the_order_of_one_process(
    events: Sequence[PastEvent], every: int
) -> None:
    """In segments with the same orders; a payment that was decided again has one row."""
    with TemporaryDirectory() as folder:
        files = files_of(events, folder)
        keep(files, events, 1, 1)
        keep(files, events, 2, every)
        keep(files, events, 2, every)  # as after a stop

        tables = list(files.tables())

    expected = [
        (each, outcome(each, 2 if each.order % every == 0 else 1)) for each in asked(events)
    ]
    assert [row for table in tables for row in table.to_pylist()] == segment_table(
        expected
    ).to_pylist()
    for number, table in enumerate(tables):
        assert {order // 4 for order in table.column("order").to_pylist()} <= {number}


@settings(max_examples=20)
@given(pasts().filter(asked), st.data())
def test_a_missing_payment_is_refused(events: Sequence[PastEvent], data: st.DataObject) -> None:
    """A report of a part would look like one of the whole."""
    lost = data.draw(st.sampled_from(asked(events))).order
    with TemporaryDirectory() as folder:
        files = files_of(events, folder)
        keep(files, events, 1, 1, lost)

        with pytest.raises(Malformed, match="payments were decided: delete all under"):
            list(files.tables())


def test_decisions_are_found_again_as_they_were_kept(tmp_path: Path) -> None:
    """A pass that is done is not decided again, and its decisions concern the same receivers."""
    files = files_of([], str(tmp_path))
    assert files.find(1, 2) is None

    files.keep(1, 2, [], Changed({}, _DECISIONS))

    assert files.find(1, 2) == (0, _DECISIONS)
    assert files.find(2, 2) is None


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """With what to delete."""
    files = files_of([], str(tmp_path))
    files.keep(1, 2, [], Changed({}, _DECISIONS))
    [path] = tmp_path.rglob("decisions.parquet")
    path.write_bytes(b"PAR1")

    with pytest.raises(Malformed, match="is damaged: delete all under risksentinel-backtest"):
        files.find(1, 2)
