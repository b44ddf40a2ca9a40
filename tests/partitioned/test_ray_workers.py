"""Tests of a Ray cluster with two workers on this machine."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from ray.exceptions import RayTaskError

from risksentinel.partitioned.ray_cluster import LOCAL, cluster
from risksentinel.partitioned.ray_workers import RayWorkers, Work
from risksentinel.scoring.partitions.passes import settle
from risksentinel.scoring.partitions.past_events import PastEvent, PastPayment
from tests.partitioned.ray_work import DecideNothing, KeepPickled, OpenFolder, OpenStages
from tests.scoring.partitions.past_lives import Seen, one_after_the_other, pasts


@pytest.fixture(scope="module", autouse=True)
def two_workers() -> Iterator[None]:
    """A cluster of this module."""
    with cluster(LOCAL, 2):
        yield


@settings(max_examples=10)
@given(pasts())
def test_a_cluster_sees_and_decides_as_one_process(events: Sequence[PastEvent]) -> None:
    """To the last digit, whatever worker an account is on."""
    with TemporaryDirectory() as folder:
        files = OpenFolder(Path(folder), 3)
        files().write(events)
        workers: RayWorkers[Seen] = RayWorkers(Work(files, OpenStages(3)), 3)
        settle(workers)
        found = {order: seen for part in workers.results() for order, seen in part.items()}
    assert found == one_after_the_other(events)


@settings(max_examples=4)
@given(pasts().filter(lambda events: any(isinstance(each, PastPayment) for each in events)))
def test_what_was_kept_is_not_decided_again(events: Sequence[PastEvent]) -> None:
    """A run after a stop has the same passes, and the same results."""
    with TemporaryDirectory() as folder, TemporaryDirectory() as keeping:
        files, kept = OpenFolder(Path(folder), 2), KeepPickled(Path(keeping))
        files().write(events)
        passes = settle(RayWorkers[Seen](Work(files, OpenStages(2), kept), 2))
        assert kept.results() == one_after_the_other(events)

        again = settle(RayWorkers[Seen](Work(files, DecideNothing(2), kept), 2))

        assert again == passes
        for path in Path(keeping).iterdir():
            path.unlink()
        with pytest.raises(RayTaskError, match="payments were decided again"):
            settle(RayWorkers[Seen](Work(files, DecideNothing(2), kept), 2))
