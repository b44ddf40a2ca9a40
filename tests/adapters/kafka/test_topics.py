import pytest
from click.testing import CliRunner, Result

from risksentinel.adapters.kafka.topics import (
    DAY_MS,
    LARGEST_LETTER,
    LARGEST_RECORD,
    KafkaTopics,
    Topic,
    needed_topics,
)
from risksentinel.cli.topics import topics
from risksentinel.errors import Misconfigured
from risksentinel.events.registry import (
    EVENTS,
    consumed_topics,
    dead_letter_topic,
    origin_of,
)
from tests.adapters.kafka.topics import delete_topic, make_topic


def run(servers: str, *options: str) -> Result:
    """The command, with its options."""
    return CliRunner().invoke(topics, ["--servers", servers, *options])


def test_every_consumed_topic_has_one_for_dead_letters() -> None:
    """Without the topic the source can commit no event that cannot be delivered."""
    needed = {topic.name: topic for topic in needed_topics(partitions=8, replicas=3)}

    assert set(needed) == {*EVENTS, *map(dead_letter_topic, consumed_topics())}
    assert all(needed[name].partitions == 8 for name in EVENTS)
    assert {needed[name].settings["min.insync.replicas"] for name in needed} == {"2"}
    assert {origin_of(dead_letter_topic(name)) for name in consumed_topics()} == set(
        consumed_topics()
    )


def test_a_dead_letter_has_room_for_the_largest_event_and_its_reason() -> None:
    """A letter that its topic refuses would hold up a partition for ever."""
    settings = {t.name: t.settings["max.message.bytes"] for t in needed_topics(1, 1)}

    assert settings["alerts.raised"] == str(LARGEST_RECORD)
    assert settings["alerts.raised.dlq"] == str(LARGEST_LETTER)


def test_the_command_makes_what_is_missing_and_then_nothing(own_servers: str) -> None:
    """The command runs at each deployment."""
    run(own_servers)
    delete_topic(own_servers, "alerts.updated")

    before = run(own_servers, "--check")
    made = run(own_servers)
    again = run(own_servers)
    after = run(own_servers, "--check")

    assert (before.exit_code, before.output) == (1, "alerts.updated: missing\n")
    assert (made.exit_code, made.output) == (0, "alerts.updated: created\n")
    assert (again.exit_code, after.exit_code) == (0, 0)
    assert again.output == after.output == "16 topics exist as required\n"


def test_what_differs_is_said_and_not_changed(own_servers: str) -> None:
    """More partitions move keys to other ones, and events of a sender would overtake each other."""
    run(own_servers)

    checked = run(own_servers, "--check", "--partitions", "12")
    run(own_servers, "--partitions", "12")
    still = run(own_servers, "--check")

    assert checked.exit_code == 1
    assert "transactions.received: 8 partitions, not 12; adding some moves keys" in checked.output
    assert still.exit_code == 0


def test_another_retention_is_a_difference(servers: str) -> None:
    """With a shorter retention a weekend's outage would lose payments."""
    name = make_topic(servers)
    needed = Topic(name, 1, 1, {"retention.ms": str(30 * DAY_MS)})

    found = KafkaTopics(servers).differing([needed])

    assert found == [f"{name}: retention.ms is {7 * DAY_MS}, not {30 * DAY_MS}"]


def test_what_the_broker_cannot_make_is_said(servers: str) -> None:
    """Three replicas on one broker: the operator must change a setting."""
    with pytest.raises(Misconfigured, match="replication factor"):
        KafkaTopics(servers).create([Topic("never-made", 1, 3, {})])
