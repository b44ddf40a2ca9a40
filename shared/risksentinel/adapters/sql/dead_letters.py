"""SqlDeadLetters: events that could not be delivered, stored until they are replayed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, Row, delete, func, insert, select

from risksentinel.adapters.sql.chunks import chunks
from risksentinel.adapters.sql.engine import reading, writing
from risksentinel.adapters.sql.event_rows import event_of, event_row
from risksentinel.adapters.sql.tables import dead_letters, outbox
from risksentinel.errors import NotFound, Violation
from risksentinel.ports.publishing import DeadLetter

_NEWEST_FIRST: Final = select(dead_letters).order_by(
    dead_letters.c.died_at.desc(), dead_letters.c.id.desc()
)
_DEPTH: Final = select(func.count()).select_from(dead_letters)
_TAKE: Final = delete(dead_letters).returning(dead_letters)
_LONGEST_NUMBER: Final = 18  # digits: the number fits into 64 bits


@dataclass(frozen=True, slots=True)
class SqlDeadLetters:
    """Meets `ports.DeadLetters` on SQLite and PostgreSQL."""

    engine: Engine

    def list(self, topic: str | None, most: int) -> list[DeadLetter]:
        """Newest first."""
        query = _NEWEST_FIRST.limit(most)
        if topic is not None:
            query = query.where(dead_letters.c.topic == topic)
        with reading(self.engine) as connection:
            return [_letter_of(row) for row in connection.execute(query)]

    def depth(self) -> int:
        """The number of dead letters."""
        with reading(self.engine) as connection:
            depth: int = connection.execute(_DEPTH).scalar_one()
            return depth

    def show(self, letter_id: str) -> DeadLetter:
        """The letter. Raises NotFound."""
        query = select(dead_letters).where(dead_letters.c.id == _number(letter_id))
        with reading(self.engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise _no_such(letter_id)
        return _letter_of(row)

    def replay(self, letter_ids: Sequence[str], now: datetime) -> int:
        """Put them into the outbox again with 0 attempts, in their old order, all or none.

        Raises:
            NotFound: one of the ids is unknown.
        """
        numbers = sorted({_number(letter_id) for letter_id in letter_ids})
        with writing(self.engine) as connection:
            letters = [
                _letter_of(row)
                for some in chunks(numbers)
                for row in connection.execute(_TAKE.where(dead_letters.c.id.in_(some)))
            ]
            for missing in set(numbers).difference(int(letter.id) for letter in letters):
                raise _no_such(str(missing))
            letters.sort(key=lambda letter: int(letter.id))
            if letters:
                rows = [{**event_row(letter.event), "created_at": now} for letter in letters]
                connection.execute(insert(outbox), rows)
        return len(letters)


def _number(letter_id: str) -> int:
    if not (letter_id.isascii() and letter_id.isdigit() and len(letter_id) <= _LONGEST_NUMBER):
        raise _no_such(letter_id)
    return int(letter_id)


def _no_such(letter_id: str) -> NotFound:
    return NotFound([Violation("id", f"there is no dead letter {letter_id}")])


def _letter_of(row: Row[Any]) -> DeadLetter:
    return DeadLetter(
        id=str(row.id),
        event=event_of(row.topic, row.event),
        reason=row.reason,
        code=row.code,
        attempts=row.attempts,
        died_at=row.died_at,
    )
