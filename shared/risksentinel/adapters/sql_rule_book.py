"""The rule book in SQL: the rules in force, read again when somebody wrote one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Any, Final

import structlog
from sqlalchemy import Engine, Row, select, true

from risksentinel.adapters.sql_engine import reading
from risksentinel.adapters.sql_rule_rows import rule_of
from risksentinel.adapters.sql_tables import fraud_rules, rule_book
from risksentinel.errors import Malformed, Misconfigured, Unavailable
from risksentinel.ports import Clock
from risksentinel.rules.rule import Rule

LOOKS_EVERY: Final = timedelta(seconds=1)
_REVISION: Final = select(rule_book.c.revision)
_ACTIVE: Final = (
    select(fraud_rules)
    .where(fraud_rules.c.active == true())
    .order_by(fraud_rules.c.created_at, fraud_rules.c.id)
)
_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Edition:
    revision: int
    rules: Sequence[Rule]


class SqlRuleBook:
    """Meets `ports.RuleBook`: looks once a second whether rules changed, and keeps the last good.

    While one thread looks, the others go on with what is there.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._turn = Lock()
        self._edition: _Edition | None = None
        self._looked_at = clock()

    def active(self) -> Sequence[Rule]:
        """The rules in force, oldest first.

        Raises:
            Unavailable: the database did not answer, and there are no earlier rules to go on with.
            Misconfigured: a kept rule cannot be read, and there are no earlier rules either.
        """
        edition = self._edition
        if edition is None:
            with self._turn:
                return self._looked().rules
        if self._lately() or not self._turn.acquire(blocking=False):
            return edition.rules
        try:
            return self._looked().rules
        finally:
            self._turn.release()

    def _lately(self) -> bool:
        # A clock that was set back must not stop the looking: so not before 0 either.
        since = self._clock() - self._looked_at
        return timedelta(0) <= since < LOOKS_EVERY

    def _looked(self) -> _Edition:
        if self._edition is not None and self._lately():
            return self._edition  # another thread was faster
        try:
            self._edition = self._newest()
        except (Unavailable, Misconfigured) as error:
            if self._edition is None:
                raise
            _log.warning("rule_book.kept", revision=self._edition.revision, why=str(error))
        self._looked_at = self._clock()
        return self._edition

    def _newest(self) -> _Edition:
        with reading(self._engine) as connection:
            revision = connection.execute(_REVISION).scalar_one()
            if self._edition is not None and self._edition.revision == revision:
                return self._edition
            rows = connection.execute(_ACTIVE).all()
        return _Edition(revision, tuple(_rule_of(row) for row in rows))


def _rule_of(row: Row[Any]) -> Rule:
    try:
        return rule_of(row)
    except Malformed as error:
        raise Misconfigured(f"rule {row.id}@{row.version} cannot be read: {error}") from error
