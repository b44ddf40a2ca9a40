"""SqlSnapshotsBefore: the history that stored payments had when they were decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from risksentinel.adapters.sql.account_histories import snapshots_of
from risksentinel.domain.history import Snapshot
from risksentinel.ports.live_payment import LivePayment


@dataclass(frozen=True, slots=True)
class SqlSnapshotsBefore:
    """Meets `ports.SnapshotsBefore` on SQLite and PostgreSQL.

    The velocity is that of `window`, habits are those of the last `remembered` time.
    """

    engine: Engine
    window: timedelta
    remembered: timedelta

    def __call__(self, some: Sequence[LivePayment]) -> Mapping[str, Snapshot]:
        """The snapshots by the ids of the payments."""
        seconds = int(self.window.total_seconds())
        return snapshots_of(self.engine, some, seconds, self.remembered, lambda: False)
