"""The client of Redis with a password, and with TLS."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from redis import Redis as Client
from typing_extensions import override

from infra.devstack.servers.redis import Redis
from risksentinel.adapters.redis.history import RedisHistory
from risksentinel.errors import Misconfigured, Unavailable
from tests.usecases.payments import paid

pytestmark = pytest.mark.needs_server  # a Redis of its own
_KEY = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
WINDOW = timedelta(seconds=300)


class EncryptedRedis(Redis):
    """A server with a password with TLS only."""

    name: ClassVar[str] = "encrypted-redis"

    @property
    @override
    def settings(self) -> Mapping[str, str]:
        plain = super().settings["REDIS_URL"]
        return {"REDIS_URL": plain.replace("redis://", "rediss://")}

    @property
    def ca_file(self) -> Path:
        """The certificate of the server, which signs itself."""
        return self.folder / "redis.crt"

    @property
    @override
    def command(self) -> Sequence[str]:
        words = list(super().command)
        words[words.index("--port") + 1] = "0"
        files = ("--tls-cert-file", str(self.ca_file), "--tls-key-file", f"{self.folder}/redis.key")
        return [*words, "--tls-port", str(self.port), *files, "--tls-auth-clients", "no"]

    @override
    def prepare(self) -> None:
        super().prepare()
        names = ["-subj", "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", str(self.folder / "redis.key"), "-out", str(self.ca_file)]
        subprocess.run(  # noqa: S603 - the words are ours
            [*_KEY.split(), *names, *files], check=True, capture_output=True
        )

    @override
    def client(self) -> Client:
        return Client.from_url(self.settings["REDIS_URL"], ssl_ca_certs=str(self.ca_file))


@pytest.fixture(scope="module")
def protected() -> Iterator[Redis]:
    """A Redis with a password."""
    with Redis() as server:
        yield server


@pytest.fixture(scope="module")
def encrypted() -> Iterator[EncryptedRedis]:
    """A Redis with a password and TLS."""
    with EncryptedRedis() as server:
        yield server


def counted(url: str, ca_file: str = "") -> int:
    """The payments in the window of a history at this address, after one more."""
    with closing(RedisHistory(url, WINDOW, timeout=2.0, ca_file=ca_file)) as history:
        (snapshot,) = history.record([paid("p-1")])
        return snapshot.velocity.count


def test_a_password_in_the_address_is_used(protected: Redis) -> None:
    """The servers of the stack have passwords, and so have those of a deployment."""
    assert counted(protected.settings["REDIS_URL"]) == 1


@pytest.mark.parametrize("login", ["", ":wrong@"])
def test_without_the_password_nothing_is_read(protected: Redis, login: str) -> None:
    """The signals that need the history are then silent."""
    with pytest.raises(Unavailable, match=r"Authentication|NoPermission|Response"):
        counted(f"redis://{login}127.0.0.1:{protected.port}/0")


def test_the_password_is_not_an_argument_of_the_program(protected: Redis) -> None:
    """Every user of the machine can read those; the file is its owner's only."""
    arguments = Path(f"/proc/{protected.pid}/cmdline").read_bytes().decode()
    password = (protected.folder / "password").read_text()

    assert password not in arguments
    for name in ("password", "redis.conf"):
        assert (protected.folder / name).stat().st_mode & 0o077 == 0


def test_an_encrypted_server_is_used_with_its_certificate(encrypted: EncryptedRedis) -> None:
    """rediss:// is TLS, and REDIS_CA_FILE is who signs."""
    assert counted(encrypted.settings["REDIS_URL"], str(encrypted.ca_file)) == 1


def test_a_server_with_another_certificate_is_refused(encrypted: EncryptedRedis) -> None:
    """Another server at its address would read the payments."""
    with pytest.raises(Unavailable, match=r"history|Redis"):
        counted(encrypted.settings["REDIS_URL"])


@pytest.mark.parametrize(
    ("url", "ca_file", "message"),
    [
        ("redis://127.0.0.1:1/0", __file__, "REDIS_CA_FILE needs a REDIS_URL that begins with re"),
        ("rediss://127.0.0.1:1/0", "/nowhere.crt", "there is no file /nowhere.crt"),
    ],
)
def test_a_certificate_without_use_is_refused(url: str, ca_file: str, message: str) -> None:
    """It would be taken for encryption where there is none."""
    with pytest.raises(Misconfigured, match=message):
        RedisHistory(url, WINDOW, ca_file=ca_file)
