"""The stand for faults: a whole stack, its servers in our hands, payments under way."""

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
A_REQUEST: Final = 50
CALLERS: Final = 4
RISKY_EACH: Final = 100  # one in so many raises an alert
SENDERS: Final = 250
SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Stand:
    """A running stack and what surrounds it."""

    stack: StackProcess
    postgres: Postgres
    redis: Redis
    kafka: Kafka
    receivers: tuple[Receiver, Receiver]
    engine: Engine

    def kill(self, name: str) -> None:
        """End a process of the stack at once."""
        os.kill(self.stack.pids[name], signal.SIGKILL)

    def count(self, query: str, prefix: str) -> int:
        """One number from the database, about the payments of one run."""
        with self.engine.connect() as connection:
            found: int = connection.execute(text(query), {"run": f"{prefix}-%"}).scalar_one()
            return found

    def subjects(self, topic: str, prefix: str) -> dict[str, list[str]]:
        """The payments that a topic announces, by sender, in order, the first time each."""
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
        """The topic's records about the payments of one run, to be sent again."""
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
def standing(folder: Path, **more: str) -> Iterator[Stand]:
    """Everything up, and down again in the end; `more` are further settings."""
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
            yield Stand(running, postgres, redis, kafka, (one, other), engine)
        engine.dispose()


@dataclass
class Run:
    """Payments on their way in, for one fault."""

    stand: Stand
    name: str
    accepted: list[str] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def feed(self, fault: Callable[[], None]) -> None:
        """Send the payments; a fifth of the way in, the fault happens beside them."""
        bodies = [
            [self._payment(number) for number in range(start, start + A_REQUEST)]
            for start in range(0, PAYMENTS, A_REQUEST)
        ]
        beside = Thread(target=fault)
        with ThreadPoolExecutor(CALLERS) as callers:
            # A sender's payments go through one caller, in their order.
            lines = [bodies[n::CALLERS] for n in range(CALLERS)]
            sent = [callers.submit(self._send, line) for line in lines]
            wait_until(lambda: len(self.accepted) >= PAYMENTS // 5, "the first payments")
            beside.start()
            for each in sent:
                each.result()
        beside.join()

    def _payment(self, number: int) -> dict[str, str]:
        risky = number % RISKY_EACH == 0
        caller = number // A_REQUEST % CALLERS
        sender = f"{self.name}-R{number}" if risky else f"{self.name}-{caller}-{number % SENDERS}"
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
            while not self._taken(pool, payments):
                time.sleep(0.1)  # a caller repeats what got no 2xx

    def _taken(self, pool: urllib3.PoolManager, payments: list[dict[str, str]]) -> bool:
        headers = {"Content-Type": "application/json", "Prefer": "respond-async"}
        url = f"{self.stand.stack.url}/api/v1/transactions/batch"
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
