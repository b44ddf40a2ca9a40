"""DeadlinePool: SQLAlchemy's pool, where a payment waits for a connection until its deadline."""

from typing import Any

from sqlalchemy.pool import QueuePool
from sqlalchemy.util.queue import Queue
from typing_extensions import override

from risksentinel import deadline


class _PoolQueue(Queue[Any]):
    @override
    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        return super().get(block, None if timeout is None else deadline.left(timeout))


class DeadlinePool(QueuePool):
    """Meets SQLAlchemy's pool."""

    _queue_class = _PoolQueue
    _sqla_logger_namespace = "sqlalchemy.pool.impl.QueuePool"  # its messages are not ours
