from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from risksentinel.adapters.sql.engine import open_engine
from risksentinel.adapters.sql.rule_book import SqlRuleBook
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.scoring.policy import Policy
from tests.adapters.sql.rule_books import Watch, away, counted, replace_document, write
from tests.adapters.sql.samples import next_version, rule


def test_a_change_is_in_force_a_second_later(engine: Engine) -> None:
    """A rule against a running fraud must be in force without a restart."""
    watch = Watch()
    book = SqlRuleBook(engine, watch, Policy())
    write(engine, rule())
    assert list(book.edition().rules) == [rule()]
    changed = next_version(rule(), weight=0.9)
    write(engine, changed)
    write(engine, rule("r-2", "another"))

    watch.now += timedelta(seconds=1)

    assert list(book.edition().rules) == [changed, rule("r-2", "another")]


def test_an_inactive_rule_is_not_in_force(engine: Engine) -> None:
    """A rule that was switched off must score nothing."""
    write(engine, rule())
    write(engine, next_version(rule(), active=False))

    assert list(SqlRuleBook(engine, Watch(), Policy()).edition().rules) == []


def test_the_database_is_asked_once_a_second_and_the_rules_are_read_only_when_they_changed(
    engine: Engine,
) -> None:
    """Every payment asks for the rules."""
    watch = Watch()
    book = SqlRuleBook(engine, watch, Policy())
    write(engine, rule())
    book.edition()

    with counted(engine) as queries:
        for _ in range(40):
            watch.now += timedelta(seconds=0.1)
            book.edition()

    assert len(queries) == 4
    assert not any("fraud_rules" in query for query in queries)


def test_the_last_good_rules_stay_in_force_while_the_database_is_away(engine: Engine) -> None:
    """Payments are scored while any rules are known."""
    watch = Watch()
    book = SqlRuleBook(engine, watch, Policy())
    write(engine, rule())
    book.edition()

    with away(engine):
        watch.now += timedelta(hours=1)
        kept = list(book.edition().rules)
    write(engine, next_version(rule(), weight=0.9))
    watch.now += timedelta(seconds=1)

    assert kept == [rule()]
    assert [each.version for each in book.edition().rules] == [2]


def test_without_any_rules_a_database_that_is_away_is_said_to_be(engine: Engine) -> None:
    """No rules loaded and no rules written are two things."""
    book = SqlRuleBook(engine, Watch(), Policy())

    with away(engine), pytest.raises(Unavailable):
        book.edition()

    assert list(book.edition().rules) == []


@pytest.mark.parametrize("document", [{"operator": "smells_like"}, ["no", "rule"], None])
def test_a_rule_that_this_release_cannot_read_is_left_out_aloud(
    engine: Engine, document: object
) -> None:
    """One rule of a newer release must stop no payment, and must not be missed in silence."""
    book = SqlRuleBook(engine, Watch(), Policy())
    write(engine, rule())
    write(engine, rule("r-2", "from the future"))
    replace_document(engine, "r-2", document)

    with capture_logs() as logs:
        active = list(book.edition().rules)

    assert active == [rule()]
    assert logs == [{"event": "rule_book.rule_skipped", "log_level": "error", "rule": "r-2@1"}]
    with pytest.raises(Misconfigured, match="rule r-2@1 cannot be read"):
        book.is_whole()


def test_a_book_without_gaps_is_whole(engine: Engine) -> None:
    """A readiness that is always degraded has no information."""
    write(engine, rule())

    SqlRuleBook(engine, Watch(), Policy()).is_whole()


def test_a_clock_that_is_set_back_does_not_freeze_the_rules(engine: Engine) -> None:
    """Clocks are corrected."""
    watch = Watch()
    book = SqlRuleBook(engine, watch, Policy())
    book.edition()
    write(engine, rule())

    watch.now -= timedelta(hours=3)

    assert list(book.edition().rules) == [rule()]


def test_many_threads_see_one_edition(url: str, engine: Engine) -> None:
    """All requests of a process share one book."""
    watch, other = Watch(), open_engine(url)
    book = SqlRuleBook(other, watch, Policy())
    write(engine, rule())

    with counted(other) as queries, ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: tuple(book.edition().rules), range(64)))

    other.dispose()
    assert set(seen) == {(rule(),)}
    assert len(queries) == 5
