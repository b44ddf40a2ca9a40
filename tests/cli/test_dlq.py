from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, insert

from risksentinel.adapters.sql.dead_letters import SqlDeadLetters
from risksentinel.adapters.sql.engine import writing
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.adapters.sql.outbox import SqlOutbox
from risksentinel.adapters.sql.tables import dead_letters
from risksentinel.cli import dlq
from risksentinel.cli.dlq import MAX_AT_ONCE
from risksentinel.errors import Misconfigured
from risksentinel.ports.publishing import Delivery, Outcome
from tests.adapters.sql.samples import NOW, event

GONE = Delivery(Outcome.FAILED, "no answer", None)
LATER = NOW + timedelta(hours=1)


def bury(engine: Engine, names: Sequence[str], at: datetime = NOW, topic: str = "a") -> None:
    """Publish events of a topic and dead-letter them, one per second."""
    outbox = SqlOutbox(engine)
    with SqlLedger(engine).unit() as unit:
        unit.enqueue([event(name, topic=topic) for name in names])
    for second, each in enumerate(outbox.lease(99, NOW, LATER)):
        outbox.settle([], {}, {each.number: GONE}, at + timedelta(seconds=second))


def run(url: str, *arguments: str) -> Result:
    """Run the command with these arguments."""
    return CliRunner().invoke(dlq.dlq, arguments, env={"DATABASE_URL": url})


@pytest.fixture
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small pages, because ten thousand letters take long to write."""
    monkeypatch.setattr(dlq, "MAX_AT_ONCE", 2)


def test_all_means_all(url: str, engine: Engine) -> None:
    """`--all` replays every letter, also when there are more letters than fit on a page."""
    rows = [
        {
            "id": number,
            "topic": "a",
            "event": event(f"ev-{number}").structured(),
            "reason": "no answer",
            "attempts": 6,
            "died_at": NOW + timedelta(seconds=number),
        }
        for number in range(1, MAX_AT_ONCE + 2)
    ]
    with writing(engine) as connection:
        connection.execute(insert(dead_letters), rows)

    result = run(url, "replay", "--all")

    assert result.stdout == f"{len(rows)} replayed\n"
    assert SqlOutbox(engine).depth() == len(rows)
    assert run(url, "replay", "--all").stdout == "0 replayed\n"


@pytest.mark.usefixtures("few_at_once")
def test_one_topic_is_that_topic_only(url: str, engine: Engine) -> None:
    """`--topic` replays the letters of this topic only."""
    bury(engine, ["ev-1", "ev-2", "ev-3"], topic="a")
    bury(engine, ["ev-4"], topic="b")

    result = run(url, "replay", "--topic", "a")

    assert result.stdout == "3 replayed\n"
    assert [each.event.id for each in SqlDeadLetters(engine).list(None, 9)] == ["ev-4"]


@pytest.mark.usefixtures("few_at_once")
def test_letters_that_die_during_the_replay_are_not_replayed(
    url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A consumer that still fails must not make the command run forever."""
    bury(engine, ["ev-1", "ev-2", "ev-3"])
    replay = SqlDeadLetters.replay

    def replay_and_die(letters: SqlDeadLetters, ids: Sequence[str], now: datetime) -> int:
        count = replay(letters, ids, now)
        bury(letters.engine, [], LATER)
        return count

    monkeypatch.setattr(SqlDeadLetters, "replay", replay_and_die)
    result = run(url, "replay", "--all")

    assert result.stdout == "3 replayed\n"
    assert len(SqlDeadLetters(engine).list(None, 9)) == 3


@pytest.mark.parametrize("arguments", [(), ("1", "--all"), ("1", "--topic", "a")])
def test_ids_and_all_and_topic_exclude_each_other(url: str, arguments: tuple[str, ...]) -> None:
    """Ids together with --all would suggest that only these ids are replayed."""
    result = run(url, "replay", *arguments)

    assert isinstance(result.exception, Misconfigured)
