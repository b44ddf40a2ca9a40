from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, event, update
from structlog.testing import capture_logs

from risksentinel.adapters.sql.append_only import unguarded
from risksentinel.adapters.sql.carried_rules import carry_rules
from risksentinel.adapters.sql.engine import open_engine, writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.months import SqlMonths
from risksentinel.adapters.sql.rule_book import SqlRuleBook
from risksentinel.adapters.sql.tables import (
    audit_log,
    fraud_rule_versions,
    fraud_rules,
    rule_book,
)
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.ports.ledger import AuditEntry
from risksentinel.rules.parse import document_of
from risksentinel.rules.rule import Rule
from tests.adapters.sql.samples import NOW, next_version, rule


@dataclass(slots=True)
class Watch:
    """A clock that is set by hand."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        """The time that was set."""
        return self.now


def write(engine: Engine, written: Rule) -> None:
    """Write a rule with its audit entry, as the use case does."""
    document = document_of(written)
    entry = AuditEntry(
        at=written.updated_at,
        actor="thandi",
        action="rule.created",
        subject_kind="rule",
        subject_id=written.id,
        details={"version": written.version, "document": document},
    )
    with SqlLedger(engine).unit() as unit:
        unit.write_rule(written)
        unit.audit([entry])


def replace_document(engine: Engine, rule_id: str, document: object) -> None:
    """Put another document into a rule's row and into its audit entry."""
    row = update(fraud_rules).where(fraud_rules.c.id == rule_id)
    entry = update(audit_log).where(audit_log.c.subject_id == rule_id)
    with writing(engine) as connection, unguarded(connection):
        connection.execute(row.values(document=document))
        connection.execute(entry.values(details={"version": 1, "document": document}))


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The queries that are made inside."""
    queries: list[str] = []

    def count(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            queries.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    yield queries
    event.remove(engine, "before_cursor_execute", count)


@contextmanager
def away(engine: Engine) -> Iterator[None]:
    """The database does not answer inside."""

    def refuse(*_: object) -> None:
        raise Unavailable("database")

    event.listen(engine, "before_cursor_execute", refuse)
    yield
    event.remove(engine, "before_cursor_execute", refuse)


def test_a_change_is_in_force_a_second_later(engine: Engine) -> None:
    """A rule against a running fraud must be in force without a restart."""
    watch = Watch()
    book = SqlRuleBook(engine, watch)
    write(engine, rule())
    assert list(book.active()) == [rule()]
    changed = next_version(rule(), weight=0.9)
    write(engine, changed)
    write(engine, rule("r-2", "another"))

    watch.now += timedelta(seconds=1)

    assert list(book.active()) == [changed, rule("r-2", "another")]


def test_an_inactive_rule_is_not_in_force(engine: Engine) -> None:
    """A rule that was switched off must score nothing."""
    write(engine, rule())
    write(engine, next_version(rule(), active=False))

    assert list(SqlRuleBook(engine, Watch()).active()) == []


def test_the_database_is_asked_once_a_second_and_the_rules_are_read_only_when_they_changed(
    engine: Engine,
) -> None:
    """Every payment asks for the rules."""
    watch = Watch()
    book = SqlRuleBook(engine, watch)
    write(engine, rule())
    book.active()

    with counted(engine) as queries:
        for _ in range(40):
            watch.now += timedelta(seconds=0.1)
            book.active()

    assert len(queries) == 4
    assert not any("fraud_rules" in query for query in queries)


def test_the_last_good_rules_stay_in_force_while_the_database_is_away(engine: Engine) -> None:
    """Payments are scored while any rules are known."""
    watch = Watch()
    book = SqlRuleBook(engine, watch)
    write(engine, rule())
    book.active()

    with away(engine):
        watch.now += timedelta(hours=1)
        kept = list(book.active())
    write(engine, next_version(rule(), weight=0.9))
    watch.now += timedelta(seconds=1)

    assert kept == [rule()]
    assert [each.version for each in book.active()] == [2]


def test_without_any_rules_a_database_that_is_away_is_said_to_be(engine: Engine) -> None:
    """No rules loaded and no rules written are two things."""
    book = SqlRuleBook(engine, Watch())

    with away(engine), pytest.raises(Unavailable):
        book.active()

    assert list(book.active()) == []


@pytest.mark.parametrize("document", [{"operator": "smells_like"}, ["no", "rule"], None])
def test_a_rule_that_this_release_cannot_read_is_left_out_aloud(
    engine: Engine, document: object
) -> None:
    """One rule of a newer release must stop no payment, and must not be missed in silence."""
    book = SqlRuleBook(engine, Watch())
    write(engine, rule())
    write(engine, rule("r-2", "from the future"))
    replace_document(engine, "r-2", document)

    with capture_logs() as logs:
        active = list(book.active())

    assert active == [rule()]
    assert logs == [{"event": "rule_book.rule_skipped", "log_level": "error", "rule": "r-2@1"}]
    with pytest.raises(Misconfigured, match="rule r-2@1 cannot be read"):
        book.is_whole()


def test_a_book_without_gaps_is_whole(engine: Engine) -> None:
    """A readiness that is always degraded has no information."""
    write(engine, rule())

    SqlRuleBook(engine, Watch()).is_whole()


def test_a_clock_that_is_set_back_does_not_freeze_the_rules(engine: Engine) -> None:
    """Clocks are corrected."""
    watch = Watch()
    book = SqlRuleBook(engine, watch)
    book.active()
    write(engine, rule())

    watch.now -= timedelta(hours=3)

    assert list(book.active()) == [rule()]


def test_many_threads_see_one_edition(url: str, engine: Engine) -> None:
    """All requests of a process share one book."""
    watch, other = Watch(), open_engine(url)
    book = SqlRuleBook(other, watch)
    write(engine, rule())

    with counted(other) as queries, ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: tuple(book.active()), range(64)))

    other.dispose()
    assert set(seen) == {(rule(),)}
    assert len(queries) == 3


@pytest.mark.parametrize(
    "forged",
    [
        {"document": {**document_of(rule()), "weight": 0.0}},
        {"active": False},
        {"name": "another"},
        {"version": 7},
    ],
)
@pytest.mark.parametrize("loaded", [False, True])
def test_a_rule_that_was_changed_in_the_database_stays_as_the_audit_log_has_it(
    engine: Engine, forged: dict[str, object], *, loaded: bool
) -> None:
    """A row changed in SQL must not turn a decline into an approval."""
    watch = Watch()
    book = SqlRuleBook(engine, watch)
    write(engine, rule())
    if loaded:
        book.active()
    with writing(engine) as connection:
        connection.execute(update(fraud_rules).values(forged))
        connection.execute(update(rule_book).values(revision=rule_book.c.revision + 1))
    watch.now += timedelta(seconds=1)

    with capture_logs() as logs:
        active = list(book.active())

    assert active == [rule()]
    assert [each["event"] for each in logs] == ["rule_book.rule_refused"]
    with pytest.raises(Misconfigured, match=r"r-1@[17] differs from the audit log"):
        book.is_whole()


def test_a_rule_without_an_audit_entry_is_not_in_force(engine: Engine) -> None:
    """An approving rule inserted in SQL must approve nothing."""
    book = SqlRuleBook(engine, Watch())
    write(engine, rule())
    with SqlLedger(engine).unit() as unit:
        unit.write_rule(rule("r-2", "inserted"))

    assert list(book.active()) == [rule()]
    with pytest.raises(Misconfigured, match="r-2@1 has no entry in the audit log"):
        book.is_whole()


def test_a_rule_that_was_deleted_in_the_database_stays_in_force(engine: Engine) -> None:
    """Rules are deactivated, with an entry; a row is never deleted."""
    watch = Watch()
    book = SqlRuleBook(engine, watch)
    write(engine, rule())
    book.active()
    with writing(engine) as connection:
        connection.execute(delete(fraud_rule_versions))
        connection.execute(delete(fraud_rules))
        connection.execute(update(rule_book).values(revision=rule_book.c.revision + 1))
    watch.now += timedelta(seconds=1)

    assert list(book.active()) == [rule()]
    with pytest.raises(Misconfigured, match="r-1@1 is missing in the database"):
        book.is_whole()


def test_a_rule_outlives_the_month_of_its_audit_entry(engine: Engine) -> None:
    """The retention of the audit log must take no rule out of force."""
    write(engine, rule())
    later = NOW + timedelta(days=100)
    months = SqlMonths(engine)
    spans = [span for span in months.old("audit_log", later, 1) if span.since <= NOW < span.until]
    if engine.dialect.name == "postgresql":  # the partition is shared with other tests
        carry_rules(engine, spans[0], later)
        with writing(engine) as connection, unguarded(connection):
            connection.execute(delete(audit_log).where(audit_log.c.at < later))
    else:
        months.drop(spans[0], later, 1)

    book = SqlRuleBook(engine, Watch(later))

    assert list(book.active()) == [rule()]
    book.is_whole()
