"""Payments -> sink, in batches; the payments of one sender keep their order."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from zlib import crc32

from risksentinel.payment_files.payment import FilePayment
from risksentinel.payment_files.sinks import PaymentResult, PaymentSink


@dataclass(frozen=True, slots=True)
class SentBatch:
    """A batch with its results and the duration of the request."""

    payments: list[FilePayment]
    results: list[PaymentResult]
    seconds: float

    @property
    def is_fatal(self) -> bool:
        """Whether further payments would fail too."""
        return any(result.is_fatal for result in self.results)


@dataclass(frozen=True, slots=True)
class BatchSender:
    """Sends payments over `lanes` concurrent lanes; a sender always uses the same lane."""

    sink: PaymentSink
    batch_size: int
    lanes: int
    clock: Callable[[], float]

    def __call__(self, payments: Iterable[FilePayment]) -> Iterator[SentBatch]:
        """Send all payments, or stop after a batch with a fatal result."""
        if self.lanes == 1:
            yield from self._in_turn(iter(payments))
            return
        with ExitStack() as open_lanes:
            lanes = [_Lane(self) for _ in range(self.lanes)]
            for lane in lanes:
                open_lanes.callback(lane.close)
            yield from self._distribute(payments, lanes)

    def send(self, batch: list[FilePayment]) -> SentBatch:
        """Send one batch and measure the duration."""
        start = self.clock()
        results = self.sink.send([payment.document for payment in batch])
        if len(results) != len(batch):
            raise RuntimeError(f"{len(results)} results for {len(batch)} payments")
        return SentBatch(batch, results, self.clock() - start)

    def _in_turn(self, payments: Iterator[FilePayment]) -> Iterator[SentBatch]:
        while batch := list(islice(payments, self.batch_size)):
            sent = self.send(batch)
            yield sent
            if sent.is_fatal:
                return

    def _distribute(
        self, payments: Iterable[FilePayment], lanes: "list[_Lane]"
    ) -> Iterator[SentBatch]:
        is_fatal = False
        for payment in payments:
            lane = lanes[crc32(payment.document["sender_id"].encode()) % len(lanes)]
            for sent in lane.take(payment):
                is_fatal = is_fatal or sent.is_fatal
                yield sent
            if is_fatal:
                break
        for lane in lanes:  # a lane whose last batch was fatal sends no more
            yield from lane.finish(begin=not is_fatal)


@dataclass(slots=True)
class _Lane:
    """One batch in flight, and the next batch, which is being filled."""

    delivery: BatchSender
    waiting: list[FilePayment] = field(default_factory=list)
    running: Future[SentBatch] | None = None
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def take(self, payment: FilePayment) -> Iterator[SentBatch]:
        """Add a payment; a full batch is sent after the answer to the previous batch."""
        self.waiting.append(payment)
        if len(self.waiting) >= self.delivery.batch_size:
            yield from self._next()

    def finish(self, *, begin: bool) -> Iterator[SentBatch]:
        """Wait for the batch in flight, then send the rest if `begin` is true."""
        for sent in self._settle():
            begin = begin and not sent.is_fatal
            yield sent
        if begin and self.waiting:
            yield from self._next()
            yield from self._settle()

    def close(self) -> None:
        """Wait for the batch in flight."""
        self.thread.shutdown(cancel_futures=True)

    def _next(self) -> Iterator[SentBatch]:
        before = list(self._settle())
        if not any(sent.is_fatal for sent in before):
            self.running = self.thread.submit(self.delivery.send, self.waiting)
            self.waiting = []
        yield from before

    def _settle(self) -> Iterator[SentBatch]:
        running, self.running = self.running, None
        if running is not None:
            yield running.result()
