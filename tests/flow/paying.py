"""A steady load of payments, scored synchronously and through Kafka, during a test."""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Final

import urllib3
from sqlalchemy import create_engine, text

from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.transaction_records import SqlTransactionRecords
from tests.infra.devstack.stack.stack_process import StackProcess, wait_until

PAUSE_SECONDS: Final = 0.03
_SCORED: Final = "SELECT count(*) FROM risk_scores WHERE transaction_id LIKE :run"
_NEWEST: Final = (
    "SELECT transaction_id FROM risk_scores WHERE transaction_id LIKE :run "
    "ORDER BY scored_at DESC, transaction_id DESC LIMIT 1"
)


@dataclass
class Payments:
    """The payments of one load, and the statuses of their responses."""

    running: StackProcess
    name: str
    statuses: Counter[int] = field(default_factory=Counter)
    sent: Counter[str] = field(
        default_factory=Counter
    )  # the number of payments, by mode: now or later

    def pay(self, how: str) -> None:
        """Send the next payment: `now` is scored by ingest, `later` by score."""
        headers = {"Prefer": "respond-async"} if how == "later" else {}
        number = self.sent[how]
        body = {
            "id": f"{self.name}-{how}-{number:06}",
            "sender_id": f"{self.name}-S{number % 7}",
            "receiver_id": f"{self.name}-R{number % 5}",
            "amount_zar": f"{100 + number % 50}.00",
            "channel": "pos",
        }
        answer = urllib3.request(
            "POST",
            f"{self.running.url}/api/v1/transactions/",
            body=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **headers},
            retries=False,
            timeout=60,
        )
        self.statuses[answer.status] += 1
        self.sent[how] += 1

    def queried(self, query: str, how: str) -> Any:  # noqa: ANN401 - any column type
        """The result of a query about the payments of one mode."""
        engine = create_engine(self.running.environment["DATABASE_URL"])
        try:
            with engine.connect() as connection:
                return connection.execute(text(query), {"run": f"{self.name}-{how}-%"}).scalar()
        finally:
            engine.dispose()

    def scored_by(self, version: str) -> None:
        """Wait until the newest payment of each mode is scored by this version of the model."""
        for how in ("now", "later"):
            wait_until(lambda how=how: self._newest_version(how) == version, f"{version}, {how}")  # type: ignore[misc] # mypy cannot type such a lambda

    def _newest_version(self, how: str) -> str | None:
        """The version of the model in the receipt of the newest score."""
        newest = self.queried(_NEWEST, how)
        if newest is None:
            return None
        engine = open_engine(self.running.environment["DATABASE_URL"])
        try:
            model = SqlTransactionRecords(engine).explanation(newest)["model"]
        finally:
            engine.dispose()
        return None if model is None else str(model["version"])

    def all_scored(self) -> None:
        """Wait until every accepted payment has a score."""
        for how, count in self.sent.items():
            wait_until(
                lambda how=how, count=count: self.queried(_SCORED, how) == count,  # type: ignore[misc] # as above
                f"{count} scores",
            )


@contextmanager
def paying(running: StackProcess, name: str) -> Iterator[Payments]:
    """Send payments during the block; then wait until all are scored."""
    payments, ended = Payments(running, name), Event()

    def keep_paying() -> None:
        while not ended.is_set():
            payments.pay("now")
            payments.pay("later")
            time.sleep(PAUSE_SECONDS)

    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(keep_paying)
        try:
            yield payments
        finally:
            ended.set()
        sending.result()
    payments.all_scored()
