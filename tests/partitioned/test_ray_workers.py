"""Tests of a Ray cluster with two workers on this machine."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from risksentinel.partitioned.ray_cluster import cluster
from risksentinel.partitioned.ray_workers import RayWorkers, Work
from risksentinel.scoring.partitions.passes import settle
from risksentinel.scoring.partitions.past_events import PastEvent
from tests.partitioned.ray_work import OpenFolder, OpenStages
from tests.scoring.partitions.past_lives import Seen, one_after_the_other, pasts


@pytest.fixture(scope="module", autouse=True)
def two_workers() -> Iterator[None]:
    """A cluster of this module."""
    with cluster(None, 2):
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
