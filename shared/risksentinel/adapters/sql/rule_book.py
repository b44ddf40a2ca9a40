"""SqlRuleBook: the rules in force, read again after a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Final

import structlog
from sqlalchemy import Engine, select, true

from risksentinel.adapters.sql.engine import reading
from risksentinel.adapters.sql.rule_rows import rule_of
from risksentinel.adapters.sql.tables import fraud_rules, rule_book
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.ports.environment import Clock
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.rule import Rule, UnreadableRule

POLL_INTERVAL: Final = timedelta(seconds=1)
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
    skipped: Sequence[UnreadableRule]


class SqlRuleBook:
    """Meets `ports.RuleBook`: polls once a second for changes, and keeps the last rules read.

    While one thread polls, the other threads use the rules that are loaded.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._lock = Lock()
        self._edition: _Edition | None = None
        self._polled_at = clock()

    def active(self) -> Sequence[Rule]:
        """The rules in force that can be read, oldest first.

        Raises:
            Unavailable: the database did not answer, and no rules are loaded.
        """
        return self._current().rules

    def is_whole(self) -> None:
        """Return where every active rule is in force.

        Raises:
            Unavailable: the database did not answer, and no rules are loaded.
            Misconfigured: some rules cannot be read; scoring uses the others.
        """
        skipped = self._current().skipped
        if skipped:
            raise Misconfigured(_words(skipped))

    def _current(self) -> _Edition:
        edition = self._edition
        if edition is None:
            with self._lock:
                return self._poll()
        if self._is_recent() or not self._lock.acquire(blocking=False):
            return edition
        try:
            return self._poll()
        finally:
            self._lock.release()

    def _is_recent(self) -> bool:
        # A clock that was set back must not stop the polling: so a negative age is not recent.
        since = self._clock() - self._polled_at
        return timedelta(0) <= since < POLL_INTERVAL

    def _poll(self) -> _Edition:
        if self._edition is not None and self._is_recent():
            return self._edition  # another thread polled
        try:
            self._edition = self._newest()
        except Unavailable as error:
            if self._edition is None:
                raise
            _log.warning("rule_book.kept", revision=self._edition.revision, why=str(error))
        self._polled_at = self._clock()
        return self._edition

    def _newest(self) -> _Edition:
        with reading(self._engine) as connection:
            revision = connection.execute(_REVISION).scalar_one()
            if self._edition is not None and self._edition.revision == revision:
                return self._edition
            rows = connection.execute(_ACTIVE).all()
        found = [rule_of(row) for row in rows]
        skipped = tuple(each for each in found if isinstance(each, UnreadableRule))
        for each in skipped:
            # One unreadable rule must stop neither the other rules nor the payments.
            _log.error("rule_book.rule_skipped", rule=each.reference)
        readable = ActiveRules(each for each in found if isinstance(each, Rule))
        return _Edition(revision, readable, skipped)


def _words(skipped: Sequence[UnreadableRule]) -> str:
    noun = "rule" if len(skipped) == 1 else "rules"
    return f"{noun} {', '.join(each.reference for each in skipped)} cannot be read"
