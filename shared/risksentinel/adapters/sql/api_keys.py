"""SqlKeyRecords: reads API keys, and stores when they were used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, or_, update

from risksentinel.adapters.sql.api_key_rows import KEYS, key_of
from risksentinel.adapters.sql.engine import looking, reading, writing
from risksentinel.adapters.sql.tables import api_keys
from risksentinel.domain.api_key import ApiKey

_USE_PERIOD: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SqlKeyRecords:
    """Meets `ports.KeyRecords` on SQLite and PostgreSQL."""

    engine: Engine

    def key(self, key_id: str) -> ApiKey | None:
        """The key of this id. Raises Unavailable."""
        with looking(self.engine) as connection:
            row = connection.execute(KEYS.where(api_keys.c.id == key_id)).one_or_none()
        return None if row is None else key_of(row)

    def keys(self) -> Sequence[ApiKey]:
        """All keys, the oldest first."""
        ordered = KEYS.order_by(api_keys.c.created_at, api_keys.c.id)
        with reading(self.engine) as connection:
            return [key_of(row) for row in connection.execute(ordered)]

    def used(self, key_id: str, at: datetime) -> None:
        """Store that the key was used, unless a use in the minute before is stored.

        Many processes use one key: the condition keeps them from writing one after another.
        """
        last = api_keys.c.last_used_at
        is_old = or_(last.is_(None), last <= at - _USE_PERIOD)
        with writing(self.engine) as connection:
            connection.execute(
                update(api_keys).where(api_keys.c.id == key_id, is_old).values(last_used_at=at)
            )
