"""Brokers: the addresses of Kafka, and how a client encrypts and logs in."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from risksentinel.errors import Misconfigured

PLAINTEXT: Final = "PLAINTEXT"
_SASL: Final = "SASL_"
_SSL: Final = "SSL"


@dataclass(frozen=True, slots=True)
class Brokers:
    """`addresses` are host:port, separated by commas; the files are in PEM.

    The messages of errors name the settings that an operator sets.
    """

    addresses: str
    protocol: str = PLAINTEXT
    mechanism: str = "SCRAM-SHA-512"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""

    @property
    def has_login(self) -> bool:
        """Whether a client logs in with a password."""
        return self.protocol.startswith(_SASL)

    def options(self) -> dict[str, object]:
        """The arguments of kafka-python's clients.

        Raises:
            Misconfigured: an address, a login or a file is missing or wrong.
        """
        return {
            "bootstrap_servers": self._hosts(),
            "security_protocol": self.protocol,
            **(self._login() if self.has_login else {}),
            **(self._files() if self.protocol.endswith(_SSL) else {}),
        }

    def _hosts(self) -> list[str]:
        addresses = [server.strip() for server in self.addresses.split(",")]
        for address in addresses:
            host, _, port = address.rpartition(":")
            if not (host and port.isascii() and port.isdigit()):
                raise Misconfigured(
                    f"KAFKA_BOOTSTRAP_SERVERS {self.addresses}: write host:port, separated by "
                    "commas"
                )
        return addresses

    def _login(self) -> dict[str, object]:
        if not (self.username and self.password):
            raise Misconfigured(
                f"KAFKA_SECURITY_PROTOCOL={self.protocol} needs KAFKA_USERNAME and KAFKA_PASSWORD"
            )
        return {
            "sasl_mechanism": self.mechanism,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }

    def _files(self) -> dict[str, object]:
        named = {
            "KAFKA_CA_FILE": ("ssl_cafile", self.ca_file),
            "KAFKA_CERT_FILE": ("ssl_certfile", self.cert_file),
            "KAFKA_KEY_FILE": ("ssl_keyfile", self.key_file),
        }
        for setting, (_, file) in named.items():
            if file and not Path(file).is_file():
                raise Misconfigured(f"{setting}: there is no file {file}")
        return {name: file for name, file in named.values() if file}


Servers = str | Brokers  # addresses alone: without encryption and login


def brokers_at(servers: Servers) -> Brokers:
    """The brokers at these addresses."""
    return servers if isinstance(servers, Brokers) else Brokers(servers)
