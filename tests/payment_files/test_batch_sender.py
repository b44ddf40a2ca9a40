import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from risksentinel.errors import Unavailable
from risksentinel.payment_files.batch_sender import BatchSender, SentBatch
from risksentinel.payment_files.payment import FilePayment
from risksentinel.payment_files.row import Row
from risksentinel.payment_files.sinks import EngineSink, PaymentResult


def payments(count: int) -> list[FilePayment]:
    """Numbered payments of seven senders."""
    return [
        FilePayment(Row(n, n, {}), {"id": str(n), "sender_id": f"S{n % 7}"}) for n in range(count)
    ]


def clock() -> float:
    """A clock that always returns 0."""
    return 0.0


@pytest.mark.parametrize("lanes", [1, 3])
def test_every_payment_arrives_once_and_a_senders_in_order(lanes: int) -> None:
    """The history of a sender depends on the order; senders are independent of each other."""
    arrived: dict[str, list[int]] = defaultdict(list)
    lock = threading.Lock()

    def score(documents: Sequence[Mapping[str, Any]]) -> list[PaymentResult]:
        with lock:
            for document in documents:
                arrived[document["sender_id"]].append(int(document["id"]))
        return [PaymentResult(201)] * len(documents)

    sent = list(BatchSender(EngineSink(score), 4, lanes, clock)(payments(101)))

    assert sum(len(batch.payments) for batch in sent) == 101
    assert {numbers[0] for numbers in arrived.values()} == set(range(7))
    assert all(numbers == sorted(numbers) for numbers in arrived.values())


@pytest.mark.parametrize("lanes", [1, 3])
def test_a_lane_that_failed_sends_no_more(lanes: int) -> None:
    """Later payments of the same sender must wait for the next run."""
    batches: list[str] = []

    def score(documents: Sequence[Mapping[str, Any]]) -> list[PaymentResult]:
        batches.extend({document["sender_id"] for document in documents})
        raise Unavailable("database")

    sent = list(BatchSender(EngineSink(score), 1, lanes, clock)(payments(100)))

    assert all(batch.is_fatal for batch in sent)
    assert len(batches) == len(set(batches)) <= lanes
    assert len(sent) == len(batches)


@pytest.mark.parametrize(
    ("order", "arrived"),
    [
        ("AAA", ["AA"]),  # the file ends while the fatal batch is in flight
        ("AAEAAAA", ["AA"]),  # the batch fails before the file ends
        ("EEAAEEA", ["EE", "AA", "EE"]),
    ],
)
def test_no_batch_starts_after_a_fatal_result(order: str, arrived: list[str]) -> None:
    """The remaining payments of every lane are left for the next run."""
    batches: list[str] = []

    def score(documents: Sequence[Mapping[str, Any]]) -> list[PaymentResult]:
        batches.append("".join(document["sender_id"] for document in documents))
        status = 503 if "A" in batches[-1] else 201
        return [PaymentResult(status)] * len(documents)

    file = [FilePayment(Row(1, 1, {}), {"id": "1", "sender_id": sender}) for sender in order]

    sent = list(BatchSender(EngineSink(score), 2, 2, clock)(file))

    assert sorted(batches) == sorted(arrived)
    assert sum(len(batch.payments) for batch in sent) == sum(map(len, arrived))


def test_reading_stays_one_batch_ahead_at_most() -> None:
    """Memory must not grow with the size of the file."""
    read, answered = [], []

    def rows() -> Any:  # noqa: ANN401 - a generator
        for payment in payments(60):
            read.append(payment)
            yield payment

    def score(documents: Sequence[Mapping[str, Any]]) -> list[PaymentResult]:
        return [PaymentResult(201)] * len(documents)

    for sent in BatchSender(EngineSink(score), 5, 2, clock)(rows()):
        answered.extend(sent.payments)
        assert len(read) - len(answered) <= 2 * 2 * 5

    assert len(answered) == 60


def test_a_sink_that_forgets_a_payment_is_a_bug() -> None:
    """A missing result must not count as success."""
    delivery = BatchSender(EngineSink(lambda _: []), 5, 1, clock)

    with pytest.raises(RuntimeError, match="0 results for 5 payments"):
        list(delivery(payments(9)))


def test_a_batch_is_fatal_if_the_next_batch_would_fail_too() -> None:
    """A 500 may concern one payment; a 503 concerns every payment."""
    assert not SentBatch([], [PaymentResult(500), PaymentResult(422)], 0.0).is_fatal
    assert SentBatch([], [PaymentResult(201), PaymentResult(503)], 0.0).is_fatal
