"""Every Kafka client against a broker with TLS, passwords and access rules."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from click.testing import CliRunner
from kafka.admin import (  # type: ignore[import-untyped]  # it has no types
    ACL,
    ACLOperation,
    ACLPermissionType,
    ResourcePattern,
    ResourceType,
)
from structlog.testing import capture_logs

from risksentinel.adapters.kafka.brokers import Brokers
from risksentinel.adapters.kafka.clients import open_admin, open_consumer
from risksentinel.adapters.kafka.dead_letters import KafkaDeadLetters
from risksentinel.adapters.kafka.records import Record
from risksentinel.adapters.kafka.sender import KafkaSender
from risksentinel.adapters.kafka.topics import KafkaTopics, needed_topics
from risksentinel.cli.topics import topics
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.ports.publishing import Outcome
from tests.adapters.kafka.secure_kafka import PASSWORD, STRANGER, USER, SecureKafka
from tests.adapters.kafka.topics import records_of

pytestmark = pytest.mark.needs_server  # a broker of its own
TOPIC = "alerts.raised"
NEEDED = needed_topics(1, 1)
OTHER_PASSWORD = "another"


@pytest.fixture(scope="module")
def kafka() -> Iterator[SecureKafka]:
    """The broker; only USER may create, write and read topics."""
    with SecureKafka() as server:
        with closing(open_admin(server.settings["KAFKA_BOOTSTRAP_SERVERS"], 10.0)) as admin:
            admin.create_acls([_allowed(kind, name) for kind, name in _RESOURCES])
        yield server


_RESOURCES = (
    (ResourceType.TOPIC, "*"),
    (ResourceType.GROUP, "*"),
    (ResourceType.CLUSTER, "kafka-cluster"),
)


def _allowed(kind: object, name: str) -> object:
    return ACL(
        f"User:{USER}",
        "*",
        ACLOperation.ALL,
        ACLPermissionType.ALLOW,
        ResourcePattern(kind, name),
    )


@pytest.fixture
def brokers(kafka: SecureKafka) -> Brokers:
    """The right settings for the broker."""
    return Brokers(
        kafka.secure_address, "SASL_SSL", "SCRAM-SHA-512", USER, PASSWORD, str(kafka.ca_file)
    )


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"])
def test_every_client_works_with_the_right_login(brokers: Brokers, mechanism: str) -> None:
    """Topics are created, events sent and read, dead letters listed, over TLS."""
    mine = replace(brokers, mechanism=mechanism)
    broker = KafkaTopics(mine)
    missing = broker.missing(NEEDED)
    broker.create([topic for topic in NEEDED if topic.name in missing])

    with closing(KafkaSender(mine, budget=10.0)) as sender:
        (delivery,) = sender.send([Record(TOPIC, b"k", mechanism.encode())])
        letters = KafkaDeadLetters(mine, sender).list(TOPIC, 9)

    assert broker.missing(NEEDED) == []
    assert delivery.outcome is Outcome.DELIVERED
    assert mechanism.encode() in {each.value for each in records_of(mine, TOPIC)}
    assert letters == []


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"password": OTHER_PASSWORD}, "KAFKA_PASSWORD"),
        ({"username": "unknown"}, "KAFKA_USERNAME"),
        ({"protocol": "PLAINTEXT"}, "requires TLS: set KAFKA_SECURITY_PROTOCOL"),
        ({"protocol": "SASL_PLAINTEXT"}, "requires TLS: set KAFKA_SECURITY_PROTOCOL"),
        ({"protocol": "SSL"}, "KAFKA_SECURITY_PROTOCOL, and whether it needs a login"),
        ({"ca_file": ""}, "KAFKA_CA_FILE"),
    ],
    ids=str,
)
def test_a_refused_client_names_the_setting_in_one_line(
    brokers: Brokers, changed: dict[str, str], named: str
) -> None:
    """An operator must not search for it in the log of the broker."""
    wrong = replace(brokers, **changed)

    with pytest.raises(Unavailable) as admin:
        open_admin(wrong, 3.0)
    with pytest.raises(Unavailable) as consumer:
        open_consumer(wrong, 3.0)
    with capture_logs() as logs, pytest.raises(Unavailable):
        KafkaSender(wrong, budget=3.0).send([Record(TOPIC, b"k", b"v")])

    (line,) = [each for each in logs if each["event"] == "broker.unavailable"]
    for text in (str(admin.value), str(consumer.value), line["reason"]):
        assert named in text
        assert "\n" not in text
        assert PASSWORD not in text
        assert OTHER_PASSWORD not in text


def test_tls_to_a_plain_listener_is_named(kafka: SecureKafka, brokers: Brokers) -> None:
    """The opposite mistake."""
    plain = kafka.settings["KAFKA_BOOTSTRAP_SERVERS"]

    with pytest.raises(Unavailable, match="does not speak TLS: set KAFKA_SECURITY_PROTOCOL"):
        open_admin(replace(brokers, addresses=plain), 3.0)


def test_a_stranger_with_a_password_writes_nothing(brokers: Brokers) -> None:
    """Access rules of the broker decide who writes labels and alerts."""
    KafkaTopics(brokers).create(NEEDED)

    with closing(KafkaSender(replace(brokers, username=STRANGER), budget=10.0)) as sender:
        (delivery,) = sender.send([Record(TOPIC, b"k", b"forged")])

    assert delivery.outcome is Outcome.FAILED
    assert "Authorization" in delivery.reason
    assert b"forged" not in {each.value for each in records_of(brokers, TOPIC)}


def test_the_commands_use_the_login_of_the_settings(brokers: Brokers) -> None:
    """`risksentinel topics`, and the source of the stack, log in too."""
    environ = {
        "KAFKA_BOOTSTRAP_SERVERS": brokers.addresses,
        "KAFKA_SECURITY_PROTOCOL": brokers.protocol,
        "KAFKA_USERNAME": USER,
        "KAFKA_PASSWORD": PASSWORD,
        "KAFKA_CA_FILE": brokers.ca_file,
        "KAFKA_PARTITIONS": "1",
    }

    right = CliRunner().invoke(topics, env=environ)
    wrong = CliRunner().invoke(topics, env=environ | {"KAFKA_PASSWORD": OTHER_PASSWORD})

    assert right.exit_code == 0, right.output
    assert isinstance(wrong.exception, Unavailable)
    assert "KAFKA_PASSWORD" in str(wrong.exception)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"username": ""}, "SASL_SSL needs KAFKA_USERNAME and KAFKA_PASSWORD"),
        ({"password": ""}, "SASL_SSL needs KAFKA_USERNAME and KAFKA_PASSWORD"),
        ({"ca_file": "/nowhere/ca.crt"}, "KAFKA_CA_FILE: there is no file /nowhere/ca.crt"),
        ({"addresses": "kafka"}, "KAFKA_BOOTSTRAP_SERVERS kafka: write host:port"),
    ],
    ids=str,
)
def test_incomplete_settings_are_refused_before_a_connection(
    brokers: Brokers, changed: dict[str, str], message: str
) -> None:
    """A missing password would otherwise look like an outage."""
    with pytest.raises(Misconfigured, match=message):
        replace(brokers, **changed).options()


def test_a_password_is_not_in_the_repr(brokers: Brokers) -> None:
    """Tracebacks may show it."""
    assert PASSWORD not in repr(brokers)
