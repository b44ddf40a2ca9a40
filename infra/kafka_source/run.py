"""Runs the source: joins the group, delivers, and rejoins when the broker was unavailable."""

from functools import partial
from threading import Event as Flag
from threading import Thread
from typing import Final

import structlog

from infra.kafka_source.credentials import SourceCredentials
from infra.kafka_source.dead_letter_box import DeadLetterBox
from infra.kafka_source.dead_letter_count import count_dead_letters
from infra.kafka_source.delivery import Deliver
from infra.kafka_source.http_sink import HttpEventSink
from infra.kafka_source.incoming import incoming
from infra.kafka_source.membership import Membership
from infra.kafka_source.metrics import SourceMetrics
from infra.kafka_source.options import SourceOptions
from infra.kafka_source.partition_worker import PartitionWorker
from infra.kafka_source.workers import Workers
from risksentinel.adapters.kafka.clients import KafkaError
from risksentinel.adapters.kafka.sender import (
    LARGEST_UNCOMPRESSED_LETTER,
    LETTER_BUDGET,
    KafkaSender,
)
from risksentinel.errors import Unavailable

REJOIN_PAUSE: Final = 1.0  # seconds
COUNTED_WITHIN: Final = 2.0
_log = structlog.get_logger(__name__)


def run(options: SourceOptions, metrics: SourceMetrics, stop: Flag) -> None:
    """Deliver until `stop` is set; then finish the requests in flight and commit, within 10 s.

    Raises:
        Exception: a bug of the source; only handled records are committed.
    """
    sender = KafkaSender(options.servers, budget=LETTER_BUDGET, largest=LARGEST_UNCOMPRESSED_LETTER)
    sink = HttpEventSink(
        options.sink, options.timeout, SourceCredentials(options.secret, options.token_file)
    )
    box = DeadLetterBox(sender, options.sink)
    read = partial(incoming, origin=options.origin)
    work = partial(Deliver, sink, box, options.retry_policy, metrics)
    workers = Workers(lambda: PartitionWorker(read, work, options.batching))
    ended = Flag()
    counted = (options.servers, options.topics, metrics, ended)
    counting = Thread(target=count_dead_letters, args=counted, daemon=True)
    counting.start()
    try:
        while not stop.is_set():
            try:
                _work(Membership(options, workers, metrics), stop)
            except (KafkaError, Unavailable) as error:
                _log.warning("source.broker_unavailable", reason=str(error))
                stop.wait(REJOIN_PAUSE)
    finally:
        ended.set()
        sender.close()
        sink.close()
        counting.join(COUNTED_WITHIN)
    _log.info("source.stopped")


def _work(membership: Membership, stop: Flag) -> None:
    try:
        membership.join()
        while not stop.is_set():
            membership.step()
    finally:
        membership.leave()
