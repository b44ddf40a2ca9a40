"""Tests of partitions: they decide as one process does, to the last digit."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typing_extensions import override

from risksentinel.scoring.partitions import passes
from risksentinel.scoring.partitions.in_process import InProcess
from risksentinel.scoring.partitions.past_events import PastEvent
from risksentinel.scoring.partitions.stages import Stages
from tests.scoring.partitions.past_lives import (
    WINDOW,
    Seen,
    one_after_the_other,
    pasts,
    see,
)


@given(pasts(), st.integers(1, 5))
def test_partitions_see_and_decide_as_one_process(
    events: Sequence[PastEvent], partitions: int
) -> None:
    """Decisions change the facts of later payments, also across partitions."""
    workers = InProcess(Stages(see, WINDOW, partitions), events)
    passes.settle(workers)
    assert workers.results == one_after_the_other(events)


def test_decisions_that_change_for_ever_end_in_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the stages must not let a backtest run for ever."""

    class Restless(InProcess[Seen]):
        @override
        def senders(self, *, again: bool) -> int:
            return super().senders(again=again) + 1

    monkeypatch.setattr(passes, "MAX_PASSES", 3)
    with pytest.raises(RuntimeError, match="after 3 passes"):
        passes.settle(Restless(Stages(see, WINDOW, 1), []))
