"""Apache Kafka: one broker that is its own controller."""

import base64
import hashlib
import socket
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final

from typing_extensions import override

from infra.devstack.servers.programs import LOCAL, cache_folder, program
from infra.devstack.servers.server import Server
from risksentinel.errors import Misconfigured

_POM: Final = LOCAL / "kafka" / "pom.xml"
_JAVA_OPTIONS: Final = (
    *("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
_PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:{controller}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={data}
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
# a killed broker can register again after this time
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


class Kafka(Server):
    """A broker without topics, which creates none automatically."""

    name: ClassVar[str] = "kafka"
    port_count: ClassVar[int] = 2
    ready_within: ClassVar[float] = 60.0

    @property
    @override
    def settings(self) -> Mapping[str, str]:
        return {"KAFKA_BOOTSTRAP_SERVERS": f"{self.host}:{self.port}"}

    @property
    @override
    def command(self) -> Sequence[str]:
        return java_command("kafka.Kafka", str(self._properties))

    @override
    def prepare(self) -> None:
        self._properties.write_text(self.properties)
        if (self._data / "meta.properties").exists():
            return
        options = ("format", "--standalone", "-t", _cluster_id(), "-c", str(self._properties))
        self.run_step(java_command("kafka.tools.StorageTool", *options, *self.format_options))

    @property
    def properties(self) -> str:
        """The configuration of the broker."""
        port, controller = self.ports[:2]
        return _PROPERTIES.format(host=self.host, port=port, controller=controller, data=self._data)

    @property
    def format_options(self) -> Sequence[str]:
        """Options that format the storage, in addition to the usual ones."""
        return ()

    @override
    def probe(self) -> None:
        # Imported here: it takes 0.25 s, which runs without Kafka need not pay.
        from kafka import KafkaAdminClient  # type: ignore[import-untyped] # it has no types

        socket.create_connection((self.host, self.port), timeout=1).close()
        address = self.settings["KAFKA_BOOTSTRAP_SERVERS"]
        client = KafkaAdminClient(bootstrap_servers=address, bootstrap_timeout_ms=2000)
        try:
            client.list_topics()
        finally:
            client.close()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _properties(self) -> Path:
        return self.folder / "server.properties"


def java_command(*arguments: str) -> list[str]:
    """Return the command of a program in Kafka's jars. Raises Misconfigured."""
    libraries = cache_folder() / f"kafka-{hashlib.sha256(_POM.read_bytes()).hexdigest()[:12]}"
    if not libraries.is_dir():
        raise Misconfigured("Kafka is not installed: run `infra/devstack/install kafka`")
    return [program("java", "kafka"), *_JAVA_OPTIONS, "-cp", f"{libraries}/*", *arguments]


def _cluster_id() -> str:
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "_")
