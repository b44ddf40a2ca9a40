"""KafkaSettings: the brokers, and how to connect to them."""

from typing import Literal

from pydantic import BaseModel, Field

KafkaProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
KafkaMechanism = Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]


class KafkaSettings(BaseModel):
    """The settings of Kafka, a part of the settings of every process."""

    kafka_bootstrap_servers: str = Field(
        "",
        description="Kafka brokers, host:port separated by commas; the outbox is the broker "
        "if unset",
    )
    kafka_security_protocol: KafkaProtocol = Field(
        "PLAINTEXT",
        description="how to connect to Kafka: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
    )
    kafka_sasl_mechanism: KafkaMechanism = Field(
        "SCRAM-SHA-512",
        description="login of SASL_PLAINTEXT and SASL_SSL: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
    )
    kafka_username: str = Field("", description="user of the login at Kafka")
    kafka_password: str = Field("", repr=False, description="password of the login at Kafka")
    kafka_ca_file: str = Field(
        "",
        description="certificates that sign the certificates of the Kafka brokers, in PEM; those "
        "of the system if unset",
    )
    kafka_cert_file: str = Field(
        "", description="certificate that this client shows to Kafka, in PEM; none if unset"
    )
    kafka_key_file: str = Field("", description="private key of KAFKA_CERT_FILE, in PEM")
