"""SecureKafka: a broker with TLS, passwords and access rules, as a managed Kafka has."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

from typing_extensions import override

from infra.devstack.servers.kafka import Kafka

USER: Final = "risksentinel"
PASSWORD: Final = "of-these-tests-only"
STRANGER: Final = "stranger"
_KEY: Final = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
_SCRAM: Final = "org.apache.kafka.common.security.scram.ScramLoginModule"
_PLAIN: Final = "org.apache.kafka.common.security.plain.PlainLoginModule"
_SECURE: Final = """\
listeners=SASL_SSL://127.0.0.1:{secure},PLAINTEXT://127.0.0.1:{plain},\
CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_SSL://127.0.0.1:{secure},PLAINTEXT://127.0.0.1:{plain}
listener.security.protocol.map=SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
sasl.enabled.mechanisms=SCRAM-SHA-512,SCRAM-SHA-256,PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config={plain_login} \
required user_{user}="{password}" user_{stranger}="{password}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={scram} required;
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config={scram} required;
ssl.keystore.type=PEM
ssl.keystore.location={store}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""


class SecureKafka(Kafka):
    """SASL_SSL for clients; a plain listener for the broker itself and for the test's set-up."""

    name: ClassVar[str] = "secure-kafka"
    port_count: ClassVar[int] = 3

    @property
    @override
    def settings(self) -> Mapping[str, str]:
        return {"KAFKA_BOOTSTRAP_SERVERS": f"{self.host}:{self.ports[2]}"}  # the plain one

    @property
    def secure_address(self) -> str:
        """The address of clients with TLS and a login."""
        return f"{self.host}:{self.port}"

    @property
    def ca_file(self) -> Path:
        """The certificate of the broker, which signs itself."""
        return self.folder / "broker.crt"

    @override
    def prepare(self) -> None:
        self._make_certificate()
        super().prepare()

    @property
    @override
    def properties(self) -> str:
        secure, controller, plain = self.ports
        plainly = super().properties.splitlines()
        kept = [line for line in plainly if not line.startswith(("listeners=", "advertised."))]
        secured = _SECURE.format(
            secure=secure,
            plain=plain,
            controller=controller,
            store=self.folder / "broker.pem",
            user=USER,
            stranger=STRANGER,
            password=PASSWORD,
            scram=_SCRAM,
            plain_login=_PLAIN,
        )
        return "\n".join(kept) + "\n" + secured

    @property
    @override
    def format_options(self) -> Sequence[str]:
        return [
            word
            for user in (USER, STRANGER)
            for mechanism in ("SCRAM-SHA-512", "SCRAM-SHA-256")
            for word in ("--add-scram", f"{mechanism}=[name={user},password={PASSWORD}]")
        ]

    def _make_certificate(self) -> None:
        key = self.folder / "broker.key"
        names = ["-subj", "/CN=broker", "-addext", "subjectAltName=IP:127.0.0.1"]
        subprocess.run(  # noqa: S603 - the words are ours
            [*_KEY.split(), *names, "-keyout", str(key), "-out", str(self.ca_file)],
            check=True,
            capture_output=True,
        )
        store = self.folder / "broker.pem"
        store.write_bytes(key.read_bytes() + self.ca_file.read_bytes())
