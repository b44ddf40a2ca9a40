"""A stopped backtest goes on, and gives the same bytes; with other inputs it refuses."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.backtest import side
from risksentinel.backtest.inputs import Inputs, refuse_others, store, stored_inputs
from risksentinel.backtest.segments import Segments
from risksentinel.backtest.side import decide_all
from risksentinel.domain.money import Money
from risksentinel.errors import Rejected
from risksentinel.scoring.partitions.in_order import InOrder
from risksentinel.scoring.partitions.past_events import PastEvent, PastPayment
from risksentinel.scoring.partitions.past_outcome import PastOutcome
from risksentinel.scoring.policy import Policy
from risksentinel.usecases.decide_past import DecidePast
from tests.backtest.filled import scoring
from tests.scoring.partitions.past_lives import pasts

POLICY = Policy()


class Killed(BaseException):
    """The process is gone, wherever it was."""


@pytest.fixture(autouse=True, scope="module")
def small_segments() -> "object":
    """Segments of six events in windows of two, so that a past has several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(side, "WINDOW", 2)
        patch.setattr(side, "SEGMENT", 6)
        yield


def run(events: Sequence[PastEvent], folder: Path, kill_after: int | None = None) -> None:
    """Decide all events, or be killed after so many windows."""
    windows = 0

    def moved(_: int) -> None:
        nonlocal windows
        windows += 1
        if windows == kill_after:
            raise Killed

    window = timedelta(seconds=POLICY.velocity_window_seconds)
    decide: InOrder[PastOutcome] = InOrder(
        DecidePast(scoring(POLICY, MemoryHistory(window))), POLICY.velocity_window_seconds
    )
    folder.mkdir(exist_ok=True)
    decide_all(events, decide, Segments(folder), moved)


def contents(folder: Path) -> dict[str, bytes]:
    """The bytes of each file."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@settings(max_examples=40)
@given(pasts(), st.lists(st.integers(1, 12), max_size=6))
def test_a_run_that_is_killed_at_any_places_gives_the_same_bytes(
    events: Sequence[PastEvent], kills: Sequence[int]
) -> None:
    """States of accounts are made again from stored decisions."""
    with TemporaryDirectory() as folder:
        whole, killed = Path(folder) / "whole", Path(folder) / "killed"
        run(events, whole)
        for kill in kills:
            try:
                run(events, killed, kill)
            except Killed:
                (killed / "00000099.part").write_bytes(b"half")
                (killed / "00000099.part").unlink()
        run(events, killed)

        assert contents(killed) == contents(whole)


def seventh(events: Sequence[PastEvent]) -> list[PastEvent]:
    """The events after a change of the first payment."""
    first = events[0]
    assert isinstance(first, PastPayment)
    payment = replace(first.payment, amount=Money.of_cents(first.payment.amount.cents // 2 + 1))
    return [replace(first, payment=payment), *events[1:]]


@settings(max_examples=20)
@given(pasts().filter(lambda events: len(events) > 6))
def test_other_payments_are_refused(events: Sequence[PastEvent]) -> None:
    """Half of the result would be of the payments as they were before."""
    with TemporaryDirectory() as folder:
        place = Path(folder) / "side"
        with pytest.raises(Killed):
            run(events, place, kill_after=4)

        with pytest.raises(Rejected, match="not those of the checkpoint"):
            run(seventh(events), place)
        with pytest.raises(Rejected, match="not those of the checkpoint"):
            run(events[:5], place)


def test_a_damaged_segment_is_refused(tmp_path: Path) -> None:
    """With the folder to delete."""
    folder = tmp_path / "side"
    folder.mkdir()
    (folder / "00000000.parquet").write_bytes(b"PAR1")

    with pytest.raises(Rejected, match="is damaged: delete the folder"):
        Segments(folder).read(folder / "00000000.parquet")


def test_other_inputs_are_refused_by_name(tmp_path: Path) -> None:
    """The operator must know what is not the same any more."""
    folder = tmp_path / "out" / ".checkpoint"
    before = Inputs({"policies": {"a": [1.5, None]}, "lists": {"mule": 3}, "code": "x"})
    store(before, folder)
    found = stored_inputs(folder)

    assert found == before
    assert found is not None
    refuse_others(before, found, folder)
    with pytest.raises(Rejected, match="with another code, lists: delete the folder"):
        refuse_others(Inputs({**before.document, "lists": {"mule": 4}, "code": "y"}), found, folder)
    assert (folder / "inputs.json").stat().st_mode & 0o077 == 0


def test_without_a_checkpoint_there_are_no_inputs(tmp_path: Path) -> None:
    """A new folder begins from the start."""
    assert stored_inputs(tmp_path / "new") is None
