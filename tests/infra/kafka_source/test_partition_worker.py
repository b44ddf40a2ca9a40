from collections.abc import Callable, Iterator, Sequence
from threading import Event as Flag

from infra.kafka_source.incoming import Incoming
from infra.kafka_source.options import Batching
from infra.kafka_source.partition_worker import MAX_RECORDS, PartitionWorker, Work
from infra.kafka_source.workers import Workers
from tests.infra.kafka_source.records import KafkaRecord, read
from tests.infra.kafka_source.sources import until

HERE = ("t", 0)


def worker(work: Work, size: int = 1, wait: float = 0.0) -> PartitionWorker:
    """Return a worker with this work."""
    return PartitionWorker(read, lambda _: work, Batching(size, wait))


def records(*offsets: int) -> list[KafkaRecord]:
    """Return records of one partition."""
    return [KafkaRecord(offset=offset) for offset in offsets]


def held_back(release: Flag, seen: list[int]) -> Work:
    """Work that waits for a flag."""

    def work(events: Sequence[Incoming]) -> Iterator[Incoming]:
        release.wait(10)
        seen.extend(event.offset for event in events)
        yield from events

    return work


def stopped(hired: PartitionWorker) -> None:
    """Release the work and stop the worker."""
    hired.stop()
    hired.join(10)


def test_records_that_are_returned_twice_are_delivered_once() -> None:
    """The broker may return records again that are queued already."""
    release, seen = Flag(), list[int]()
    release.set()
    hired = worker(held_back(release, seen))

    hired.offer(records(3, 4))
    hired.offer(records(3, 4, 5, 9))
    until(lambda: hired.handled == 10, "the last record")

    assert seen == [3, 4, 5, 9]
    assert hired.in_flight == 0
    stopped(hired)


def test_a_full_worker_is_reported() -> None:
    """A full worker reports it, so that records wait in the broker and not in memory."""
    release, seen = Flag(), list[int]()
    hired = worker(held_back(release, seen))

    hired.offer(records(*range(MAX_RECORDS + 1)))
    until(lambda: hired.in_flight == MAX_RECORDS + 1, "the records")
    full = (hired.is_full, hired.has_room, hired.handled)
    release.set()
    until(lambda: hired.handled == MAX_RECORDS + 1, "the work")

    assert full == (True, False, None)
    assert (hired.is_full, hired.has_room) == (False, True)
    stopped(hired)


def test_a_few_large_records_fill_the_queue() -> None:
    """The queue is limited in bytes too: 2,000 records of 1 MiB would not fit in memory."""
    release = Flag()
    hired = worker(held_back(release, []))

    hired.offer([KafkaRecord(offset=n, value=b"x" * 1_048_576) for n in range(6)])

    assert hired.is_full
    hired.stop()
    release.set()


def test_a_batch_waits_for_more_until_it_is_full_or_late() -> None:
    """A batch waits until it is full or late, because large requests cost less."""
    sizes: list[int] = []

    def work(events: Sequence[Incoming]) -> Iterator[Incoming]:
        sizes.append(len(events))
        yield from events

    hired = worker(work, size=3, wait=0.2)

    for offset in range(7):
        hired.offer(records(offset))
    until(lambda: hired.handled == 7, "all of them")

    assert sizes == [3, 3, 1]
    stopped(hired)


def test_a_batch_is_at_most_as_large_as_a_function_accepts() -> None:
    """A function rejects a request of more than 1 MiB as a whole."""
    sizes: list[int] = []

    def work(events: Sequence[Incoming]) -> Iterator[Incoming]:
        sizes.append(len(events))
        yield from events

    hired = worker(work, size=10, wait=0.05)

    hired.offer([KafkaRecord(offset=n, value=b"x" * 290_000) for n in range(3)])
    until(lambda: hired.handled == 3, "all of them")

    assert sizes == [2, 1]
    stopped(hired)


def test_a_bug_of_the_source_is_stored_and_commits_nothing() -> None:
    """A bug of the source ends the process, and the record is read again after a restart."""

    def work(_: Sequence[Incoming]) -> Iterator[Incoming]:
        raise RuntimeError("a bug")
        yield

    new_worker: Callable[[], PartitionWorker] = lambda: worker(work)  # noqa: E731 - one word for it
    workers = Workers(new_worker)

    workers.offer({HERE: records(7)})
    until(lambda: workers.failure() is not None, "the fault")

    assert str(workers.failure()) == "a bug"
    assert workers.handled() == {}
    assert workers.in_flight() == {HERE: 1}
    assert workers.release(None, 1.0) == {}


def test_a_stopped_worker_reports_the_handled_offset() -> None:
    """Finished records are committed; the others belong to the partition's next consumer."""
    finish, seen = Flag(), list[int]()

    def work(events: Sequence[Incoming]) -> Iterator[Incoming]:
        seen.append(events[0].offset)
        if events[0].offset == 1:
            finish.wait(10)
        yield from events

    workers = Workers(lambda: worker(work))
    workers.offer({HERE: records(0, 1, 2)})
    until(lambda: seen == [0, 1], "the second record")

    finish.set()
    handled = workers.release([HERE, ("t", 1)], 5.0)

    assert handled[HERE] in {2, 3}
    assert workers.in_flight() == {}
