"""The Kafka brokers of the settings."""

from risksentinel.adapters.kafka.brokers import Brokers
from risksentinel.settings import Settings


def brokers(settings: Settings, addresses: str | None = None) -> Brokers:
    """The brokers of KAFKA_BOOTSTRAP_SERVERS, or at `addresses`, with the login of the settings."""
    return Brokers(
        addresses=settings.kafka_bootstrap_servers if addresses is None else addresses,
        protocol=settings.kafka_security_protocol,
        mechanism=settings.kafka_sasl_mechanism,
        username=settings.kafka_username,
        password=settings.kafka_password,
        ca_file=settings.kafka_ca_file,
        cert_file=settings.kafka_cert_file,
        key_file=settings.kafka_key_file,
    )
