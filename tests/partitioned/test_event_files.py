"""Tests of event files: what is written by account is read back exactly, and never in part."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.objects.folder import FolderObjects
from risksentinel.errors import Conflict, Malformed, NotFound
from risksentinel.partitioned import event_files
from risksentinel.partitioned.event_files import EventFiles
from risksentinel.partitioned.event_table import from_parquet, to_parquet
from risksentinel.scoring.partitions.past_events import PastEvent, partition_of
from tests.scoring.partitions.past_lives import pasts


@given(pasts())
def test_a_file_has_the_events_exactly(events: Sequence[PastEvent]) -> None:
    """Cents and microseconds decide: nothing is rounded."""
    assert list(from_parquet(to_parquet(events))) == events


@pytest.fixture(autouse=True)
def small_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every partition has several files."""
    with monkeypatch.context() as patched:
        patched.setattr(event_files, "ROWS_OF_A_FILE", 3)
        yield


@given(pasts(), st.integers(1, 4))
def test_a_partition_has_all_events_of_its_accounts_in_order(
    events: Sequence[PastEvent], partitions: int
) -> None:
    """A missing payment would change the history of its accounts."""
    with TemporaryDirectory() as folder:
        files = EventFiles(FolderObjects(Path(folder)), uuid4().hex, partitions)
        assert files.write(iter(events)) == len(events)
        for partition in range(partitions):
            assert list(files.read(partition)) == [
                event
                for event in events
                if partition
                in {
                    partition_of(event.payment.sender_id, partitions),
                    partition_of(event.payment.receiver_id, partitions),
                }
            ]


def test_files_that_were_not_written_to_their_end_are_refused(tmp_path: Path) -> None:
    """Half of a history gives other decisions."""
    (tmp_path / "past" / "partition=0000").mkdir(parents=True)
    with pytest.raises(NotFound, match="write it again"):
        list(EventFiles(FolderObjects(tmp_path), "past", 1).read(0))


@given(pasts().filter(bool))
def test_files_are_never_mixed_with_those_of_another_run(events: Sequence[PastEvent]) -> None:
    """Two pasts in one folder would be one wrong past."""
    with TemporaryDirectory() as folder:
        files = EventFiles(FolderObjects(Path(folder)), "past", 1)
        files.write(events)
        with pytest.raises(Conflict, match="choose an empty folder"):
            files.write(events)


def test_a_damaged_file_is_named() -> None:
    """It is never read as an empty one."""
    with pytest.raises(Malformed, match="is damaged"):
        list(from_parquet(b"PAR1, not"))
