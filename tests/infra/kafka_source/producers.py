"""Records from other producers: kcat and Kafka's own."""

import subprocess
from collections.abc import Callable, Sequence
from typing import TypeAlias

from infra.devstack.servers.kafka import java_command
from infra.devstack.servers.programs import program

Produce: TypeAlias = Callable[[str, str, str, Sequence[str]], None]


def kcat(servers: str, topic: str, codec: str, lines: Sequence[str], *options: str) -> None:
    """Write one record for each line with kcat, which uses librdkafka as most producers do."""
    command = [program("kcat", "kcat"), "-P", "-b", servers, "-t", topic, "-z", codec]
    command += ["-X", "message.max.bytes=8000000"]  # librdkafka counts them uncompressed
    _run([*command, *options], lines)


def kafka_s_own(servers: str, topic: str, codec: str, lines: Sequence[str]) -> None:
    """Write one record for each line with Kafka's own producer, in Java."""
    tool = ("org.apache.kafka.tools.ConsoleProducer", "--bootstrap-server", servers)
    _run([*java_command(*tool), "--topic", topic, "--compression-codec", codec], lines)


def _run(command: Sequence[str], lines: Sequence[str]) -> None:
    text = "".join(f"{line}\n" for line in lines).encode()
    subprocess.run(command, input=text, check=True, capture_output=True, timeout=60)  # noqa: S603 - our own command
