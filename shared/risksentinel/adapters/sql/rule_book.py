"""SqlRuleBook: rules and policy in force, read after a change, compared with the audit log."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

import structlog
from sqlalchemy import Engine, select

from risksentinel import deadline
from risksentinel.adapters.sql.audited_policy import LiveSettings, audited_policy
from risksentinel.adapters.sql.audited_rules import AuditedRules, audited
from risksentinel.adapters.sql.engine import TIMEOUT_SECONDS, reading
from risksentinel.adapters.sql.policy_writes import shadow_policy
from risksentinel.adapters.sql.tables import fraud_rules, rule_book
from risksentinel.domain.model_version import Pointer
from risksentinel.domain.policy_version import PolicyVersion, names_version
from risksentinel.errors import Late, Malformed, Misconfigured, Rejected, Unavailable
from risksentinel.ports.environment import Clock
from risksentinel.ports.opinions import Edition, ShadowEdition
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.rule import Rule, StoredRule, UnreadableRule
from risksentinel.scoring.basis import policy_of
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.policy_contents import contents_of

POLL_INTERVAL: Final = timedelta(seconds=1)
_REVISION: Final = select(rule_book.c.revision)
_ALL: Final = select(fraud_rules).order_by(fraud_rules.c.created_at, fraud_rules.c.id)
_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Edition:
    revision: int
    edition: Edition
    faults: Sequence[str]
    known: Mapping[str, StoredRule]  # active or not, by id


class SqlRuleBook:
    """Meets `ports.RuleBook`: polls once a second for changes, and keeps the last rules read.

    While one thread polls, the other threads use the rules that are loaded. A rule is in force as
    the audit log has it: a row that was changed in the database is not, nor one without an entry.
    The same holds for the settings of the live version of the policy; `own` is the policy of this
    process, for a database without a version.
    """

    def __init__(self, engine: Engine, clock: Clock, own: Policy) -> None:
        self._engine = engine
        self._own = own
        self._clock = clock
        self._lock = Lock()
        self._edition: _Edition | None = None
        self._polled_at = clock()
        self._failed_at: datetime | None = None  # while no rules are loaded
        self._follow: Callable[[Edition], None] | None = None

    def edition(self) -> Edition:
        """The rules in force that can be read, oldest first, and the policy of the same version.

        Raises:
            Unavailable: the database did not answer, and no rules are loaded.
        """
        return self._current().edition

    def followed_by(self, follow: Callable[[Edition], None]) -> None:
        """Call `follow` with each new edition, before it is in force; with the loaded one now."""
        with self._lock:
            self._follow = follow
            if self._edition is not None:
                follow(self._edition.edition)

    def is_whole(self) -> None:
        """Return where every active rule is in force.

        Raises:
            Unavailable: the database did not answer, and no rules are loaded.
            Misconfigured: some rules cannot be read, or differ from the audit log.
        """
        faults = self._current().faults
        if faults:
            raise Misconfigured("; ".join(faults))

    def _current(self) -> _Edition:
        edition = self._edition
        if edition is None:
            return self._first()
        if self._is_recent() or not self._lock.acquire(blocking=False):
            return edition
        try:
            return self._poll()
        finally:
            self._lock.release()

    def _first(self) -> _Edition:
        """The first edition; under a deadline no payment waits for what just failed."""
        if deadline.is_set() and self._failed_at is not None and self._is_new(self._failed_at):
            raise Unavailable("database")
        if not self._lock.acquire(timeout=deadline.left(TIMEOUT_SECONDS)):
            raise Late("database")
        try:
            return self._poll()
        finally:
            self._lock.release()

    def _is_recent(self) -> bool:
        return self._is_new(self._polled_at)

    def _is_new(self, moment: datetime) -> bool:
        # A clock that was set back must not stop the polling: so a negative age is not recent.
        return timedelta(0) <= self._clock() - moment < POLL_INTERVAL

    def _poll(self) -> _Edition:
        if self._edition is not None and self._is_recent():
            return self._edition  # another thread polled
        try:
            self._edition = self._newest()
        except Unavailable as error:
            if self._edition is None:
                self._failed_at = self._clock()
                raise
            _log.warning("rule_book.kept", revision=self._edition.revision, why=str(error))
        self._polled_at = self._clock()
        return self._edition

    def _newest(self) -> _Edition:
        with reading(self._engine) as connection:
            revision = connection.execute(_REVISION).scalar_one()
            if self._edition is not None and self._edition.revision == revision:
                return self._edition
            rows = connection.execute(_ALL).all()
            found, live = audited(connection, rows), audited_policy(connection)
            shadow = shadow_policy(connection)
        return self._edition_of(revision, found, live, shadow)

    def _edition_of(
        self,
        revision: int,
        found: AuditedRules,
        live: LiveSettings | str | None,
        shadow: PolicyVersion | None,
    ) -> _Edition:
        known = {rule.id: rule for rule in found.rules}
        policy, of_policy = self._policy(live)
        faults = [*found.faults, *of_policy]
        before = {} if self._edition is None else self._edition.known
        for rule_id, rule in before.items():
            if rule_id not in known and rule_id not in found.refused:
                # Rules are deactivated, never deleted: the last version that was read stays.
                known[rule_id] = rule
                faults.append(f"rule {rule.reference} is missing in the database")
        for fault in faults:
            _log.error("rule_book.rule_refused", fault=fault)
        active = [each for each in known.values() if each.active]
        skipped = [each.reference for each in active if isinstance(each, UnreadableRule)]
        for reference in skipped:
            # One unreadable rule must stop neither the other rules nor the payments.
            _log.error("rule_book.rule_skipped", rule=reference)
        readable = ActiveRules(each for each in active if isinstance(each, Rule))
        edition = Edition(readable, policy, self._shadow(shadow))
        if self._follow is not None:
            self._follow(edition)
        return _Edition(revision, edition, (*_words(skipped), *faults), known)

    def _shadow(self, version: PolicyVersion | None) -> ShadowEdition | None:
        if version is None:
            return None
        try:
            contents = contents_of(version.contents, version.changed_at)
            _refuse_no_digest(contents.model)
        except Rejected as error:  # a shadow has no effect: payments do not depend on it
            _log.error("rule_book.shadow_skipped", version=version.number, why=str(error))
            return None
        policy = replace(contents.policy, version=version.number, code=self._own.code)
        return ShadowEdition(version.number, version.revision, contents.rules, policy)

    def _policy(self, live: LiveSettings | str | None) -> tuple[Policy, Sequence[str]]:
        """The policy of the live version, and what is wrong with it; then the last one stays."""
        before = self._own if self._edition is None else self._edition.edition.policy
        if live is None:
            return self._own, ()
        if isinstance(live, str):
            return before, (live,)
        faults = () if live.fault is None else (live.fault,)
        try:
            policy = policy_of({"policy": live.settings})
            _refuse_no_digest(live.model)
        except (TypeError, KeyError, ValueError, ArithmeticError, Malformed) as error:
            return before, (*faults, f"version {live.number} cannot be read: {error}")
        current = policy.choosing(live.model)
        return replace(current, version=live.number, code=self._own.code), faults


def _refuse_no_digest(model: str | None) -> None:
    """Raise Malformed where the policy names a version of the model without its digest."""
    if names_version(model):
        Pointer.of(str(model))


def _words(skipped: Sequence[str]) -> Sequence[str]:
    noun = "rule" if len(skipped) == 1 else "rules"
    return (f"{noun} {', '.join(skipped)} cannot be read",) if skipped else ()
