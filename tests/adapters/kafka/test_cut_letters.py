"""Replaying dead letters whose value was left out."""

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from risksentinel.adapters.kafka.clients import open_admin, partition_of
from risksentinel.adapters.kafka.cut_letters import Origin, cut_attributes
from risksentinel.adapters.kafka.dead_letters import KafkaDeadLetters
from risksentinel.adapters.kafka.log import KafkaLog
from risksentinel.adapters.kafka.records import PREFIX, Record
from risksentinel.adapters.kafka.sender import LARGEST_UNCOMPRESSED_REPLAY, KafkaSender
from risksentinel.adapters.kafka.topics import LARGEST_RECORD, KafkaTopics, needed_topics
from risksentinel.cli.dlq import dlq
from risksentinel.errors import NotFound, Rejected
from risksentinel.migrations.migrate import migrate
from tests.adapters.kafka.topics import records_of
from tests.logs import as_before

TOPIC = "fraud.confirmed"
NOW = datetime(2026, 5, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def letters(own_servers: str) -> Iterator[KafkaDeadLetters]:
    """Dead letters on a broker with the topics of the functions."""
    topics = KafkaTopics(own_servers)
    topics.create([t for t in needed_topics(8, 1) if t.name in topics.missing(needed_topics(8, 1))])
    with closing(KafkaSender(own_servers, budget=10.0)) as sender:
        yield KafkaDeadLetters(own_servers, sender)


def bury(letters: KafkaDeadLetters, record: Record, **stated: str) -> str:
    """Send a record and write its letter, cut; answers the letter's id."""
    letters.sender.send([record])
    found = [each for each in records_of(letters.servers, TOPIC) if each.value == record.value][-1]
    origin = Origin(TOPIC, found.partition, found.offset, found.value)
    own = {
        "id": "e",
        "knativekafkapartition": str(found.partition),
        "knativekafkaoffset": str(found.offset),
    }
    attributes = {**cut_attributes(own, origin, "it is too large"), **stated}
    headers = [(f"{PREFIX}{name}", value.encode()) for name, value in attributes.items()]
    letters.sender.send([Record(f"{TOPIC}.dlq", record.key, b"", headers)])
    return letters.list(TOPIC, 1)[0].id


def test_a_letter_that_was_cut_is_replayed_as_its_topic_has_it(letters: KafkaDeadLetters) -> None:
    """Nothing is lost while the topic has the record."""
    sent = Record(TOPIC, b"K1", b'{"n": 1}', [("x-own", b"\xff"), ("ce_id", b"b" * 2000)])
    letter_id = bury(letters, sent)

    replayed = letters.replay([letter_id], NOW)

    first, second = (r for r in records_of(letters.servers, TOPIC) if r.key == b"K1")
    assert replayed == 1
    assert (second.value, second.headers) == (first.value, first.headers)
    assert letter_id not in {each.id for each in letters.list(TOPIC, 1000)}


def test_another_record_at_its_place_is_not_replayed(letters: KafkaDeadLetters) -> None:
    """A topic that was deleted and made again counts from 0."""
    letter_id = bury(letters, Record(TOPIC, b"K2", b"another"), leftoutsha256="00")

    with pytest.raises(NotFound, match="does not have it any more"):
        letters.replay([letter_id], NOW)

    assert len([r for r in records_of(letters.servers, TOPIC) if r.key == b"K2"]) == 1


@pytest.mark.parametrize("place", ["none", "-1", "9" * 30])
def test_a_letter_without_a_readable_place_is_missed_by_name(
    letters: KafkaDeadLetters, place: str
) -> None:
    """Knative's letters keep the attributes that the sender of the event wrote."""
    letter_id = bury(letters, Record(TOPIC, b"K5", b"placeless"), knativekafkaoffset=place)

    with pytest.raises(NotFound, match=f"{letter_id}: its value is left out"):
        letters.replay([letter_id], NOW)


def test_a_replay_that_the_broker_refuses_is_rejected_and_stays_a_letter(
    letters: KafkaDeadLetters,
) -> None:
    """A retry cannot succeed: a topic of dead letters takes larger records than its topic."""
    with closing(KafkaSender(letters.servers, budget=20.0, largest=2 * LARGEST_RECORD)) as sender:
        sender.send([Record(f"{TOPIC}.dlq", b"K6", os.urandom(LARGEST_RECORD + 1000))])
        letter_id = letters.list(TOPIC, 1)[0].id

        with pytest.raises(Rejected, match=f"{TOPIC} cannot be replayed: it is larger"):
            KafkaDeadLetters(letters.servers, sender).replay([letter_id], NOW)

    assert letters.list(TOPIC, 1)[0].id == letter_id


def test_a_record_that_retention_took_is_missed_by_name(letters: KafkaDeadLetters) -> None:
    """The operator must know which record to request again from its sender."""
    letter_id = bury(letters, Record(TOPIC, b"K3", b"gone"))
    with KafkaLog.opened(letters.servers) as log:
        ends = {place: log.ends(place)[1] for place in log.partitions(TOPIC)}
    with closing(open_admin(letters.servers, 10.0)) as admin:
        admin.delete_records({partition_of(*place): end for place, end in ends.items()})

    with pytest.raises(NotFound, match=f"{letter_id}: its value is left out, and {TOPIC}/"):
        letters.replay([letter_id], NOW)

    assert "left out" in letters.show(letter_id).reason


def test_the_command_replays_a_letter_of_six_mebibytes(
    letters: KafkaDeadLetters, tmp_path: Path
) -> None:
    """The producer compressed the record below the limit of its topic, and so does the replay."""
    value = b"x" * 6 * 1_048_576
    large = KafkaSender(letters.servers, budget=20.0, largest=LARGEST_UNCOMPRESSED_REPLAY)
    with closing(large) as sender:
        sender.send([Record(f"{TOPIC}.dlq", b"K4", value)])
    letter_id = letters.list(TOPIC, 1)[0].id
    database = f"sqlite:///{tmp_path}/risksentinel.db"
    migrate(database)  # a replay is an entry of the audit log
    environ = {
        "DATABASE_URL": database,
        "KAFKA_BOOTSTRAP_SERVERS": str(letters.servers),
    }

    with as_before():
        result = CliRunner().invoke(dlq, ["replay", letter_id], env=environ)

    assert (result.exit_code, result.stdout) == (0, "1 replayed\n"), result.exception
    assert [r.value for r in records_of(letters.servers, TOPIC) if r.key == b"K4"] == [value]
