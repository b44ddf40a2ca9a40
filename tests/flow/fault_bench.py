"""A stack whose servers a test can stop, and a load of payments for it."""

import json
import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Final

import urllib3
from sqlalchemy import Engine, create_engine, text

from infra.devstack.servers.kafka import Kafka
from infra.devstack.servers.postgres import Postgres
from infra.devstack.servers.redis import Redis
from risksentinel.adapters.kafka.log import KafkaLog
from risksentinel.adapters.kafka.records import Record
from risksentinel.adapters.kafka.types import ConsumerRecord
from tests.flow.webhook_receiver import Receiver, receiver
from tests.infra.devstack.stack.stack_process import StackProcess, stack, wait_until

PAYMENTS: Final = 5_000
BATCH_SIZE: Final = 50
CLIENTS: Final = 4
RISKY_EVERY: Final = 100  # one payment in this many raises an alert
SENDERS: Final = 250
SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class FaultBench:
    """A running stack, its servers and its webhook receivers."""

    stack: StackProcess
    postgres: Postgres
    redis: Redis
    kafka: Kafka
    receivers: tuple[Receiver, Receiver]
    engine: Engine

    def kill(self, name: str) -> None:
        """Send SIGKILL to a process of the stack."""
        os.kill(self.stack.pids[name], signal.SIGKILL)

    def count(self, query: str, prefix: str) -> int:
        """The result of a counting query about the payments of one run."""
        with self.engine.connect() as connection:
            found: int = connection.execute(text(query), {"run": f"{prefix}-%"}).scalar_one()
            return found

    def subjects(self, topic: str, prefix: str) -> dict[str, list[str]]:
        """The payments of a topic by sender, in the order of their first events."""
        seen: dict[str, list[str]] = defaultdict(list)
        with KafkaLog.opened(self.kafka.settings["KAFKA_BOOTSTRAP_SERVERS"]) as log:
            for partition in log.partitions(topic):
                for record in log.between(partition, *log.ends(partition)):
                    payment = _subject(record)
                    sender = (record.key or b"").decode()
                    if payment.startswith(f"{prefix}-") and payment not in seen[sender]:
                        seen[sender].append(payment)
        return seen

    def records(self, topic: str, prefix: str) -> list[Record]:
        """The records of a topic about the payments of one run."""
        with KafkaLog.opened(self.kafka.settings["KAFKA_BOOTSTRAP_SERVERS"]) as log:
            found = [
                record
                for partition in log.partitions(topic)
                for record in log.between(partition, *log.ends(partition))
            ]
        return [
            Record(topic, record.key, record.value, [(n, v or b"") for n, v in record.headers])
            for record in found
            if _subject(record).startswith(f"{prefix}-")
        ]


def _subject(record: ConsumerRecord) -> str:
    return (dict(record.headers).get("ce_subject") or b"").decode()


@contextmanager
def fault_bench(folder: Path, **more: str) -> Iterator[FaultBench]:
    """Start the servers and the stack, and stop them after the block; `more` are settings."""
    with (
        Postgres() as postgres,
        Redis() as redis,
        Kafka() as kafka,
        receiver() as one,
        receiver() as other,
    ):
        settings = {
            **postgres.settings,
            **redis.settings,
            **kafka.settings,
            "MODEL_URI": str(folder / "models"),
            "WEBHOOK_URLS": f"{one.url} {other.url}",
            "WEBHOOK_SECRET": SECRET,
            "WEBHOOK_ALLOW_PRIVATE": "true",
            "LOG_LEVEL": "warning",
            **more,
        }
        engine = create_engine(postgres.settings["DATABASE_URL"], pool_pre_ping=True)
        with stack(folder / "home", settings) as running:
            yield FaultBench(running, postgres, redis, kafka, (one, other), engine)
        engine.dispose()


@dataclass
class Run:
    """The payments that are sent during one fault."""

    bench: FaultBench
    name: str
    accepted: list[str] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def feed(self, fault: Callable[[], None]) -> None:
        """Send the payments; run `fault` in another thread after a fifth of them."""
        bodies = [
            [self._payment(number) for number in range(start, start + BATCH_SIZE)]
            for start in range(0, PAYMENTS, BATCH_SIZE)
        ]
        fault_thread = Thread(target=fault)
        with ThreadPoolExecutor(CLIENTS) as clients:
            # One client sends all payments of a sender, in order.
            lines = [bodies[n::CLIENTS] for n in range(CLIENTS)]
            sent = [clients.submit(self._send, line) for line in lines]
            wait_until(lambda: len(self.accepted) >= PAYMENTS // 5, "the first payments")
            fault_thread.start()
            for each in sent:
                each.result()
        fault_thread.join()

    def _payment(self, number: int) -> dict[str, str]:
        risky = number % RISKY_EVERY == 0
        client = number // BATCH_SIZE % CLIENTS
        sender = f"{self.name}-R{number}" if risky else f"{self.name}-{client}-{number % SENDERS}"
        return {
            "id": f"{self.name}-{number}",
            "sender_id": sender,
            "receiver_id": f"{self.name}-B{number % 7}",
            "amount_zar": "75000.00" if risky else f"{50 + number % 40}.00",
            "channel": "mobile_banking" if risky else "pos",
            "merchant_category": "5411",
        }

    def _send(self, line: list[list[dict[str, str]]]) -> None:
        pool = urllib3.PoolManager(retries=False, timeout=30.0)
        for payments in line:
            while not self._accepted(pool, payments):
                time.sleep(0.1)  # the client retries a request without a 2xx response

    def _accepted(self, pool: urllib3.PoolManager, payments: list[dict[str, str]]) -> bool:
        headers = {"Content-Type": "application/json", "Prefer": "respond-async"}
        url = f"{self.bench.stack.url}/api/v1/transactions/batch"
        body = json.dumps({"transactions": payments}).encode()
        try:
            answer = pool.request("POST", url, body=body, headers=headers)
        except urllib3.exceptions.HTTPError:
            return False
        with self._lock:
            if answer.status == 200:
                self.accepted += [payment["id"] for payment in payments]
            else:
                self.refused[answer.status] += 1
        return answer.status == 200
