import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from risksentinel.adapters.http.guarded import GuardedHttp
from risksentinel.errors import Rejected, Retryable
from tests.adapters.channels.receiver import Receiver, receiving

PUBLIC = "9.9.9.9"
Address = tuple[str, int]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate with its key for hooks.example, signed by itself."""
    path = tmp_path_factory.mktemp("tls") / "hooks.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
    names = ["-subj", "/CN=hooks.example", "-addext", "subjectAltName=DNS:hooks.example"]
    subprocess.run(  # noqa: S603 - the words are ours
        [*command.split(), *names, "-keyout", str(path), "-out", f"{path}.crt"],
        check=True,
        capture_output=True,
    )
    path.write_bytes(path.read_bytes() + Path(f"{path}.crt").read_bytes())
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Receiver]:
    """A TLS receiver with the certificate."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with receiving(tls) as receiver:
        yield receiver


@pytest.fixture
def dialled(secure: Receiver, monkeypatch: pytest.MonkeyPatch) -> list[Address]:
    """The dialled addresses; the receiver answers for each of them."""
    real: Callable[[Address, float], socket.socket] = socket.create_connection
    seen: list[Address] = []

    def dial(address: Address, timeout: float) -> socket.socket:
        seen.append(address)
        return real(("127.0.0.1", secure.port), timeout)

    monkeypatch.setattr(socket, "create_connection", dial)
    return seen


class Rebinding:
    """A name server that answers each query with the next address."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> list[str]:
        """The next answer."""
        self.asked.append(host)
        return [self.answers[len(self.asked) - 1]]


def trusting(certificate: Path, resolve: Rebinding | None = None) -> GuardedHttp:
    """A client that trusts the certificate, without access to private addresses."""
    trust = ssl.create_default_context(cafile=certificate)
    return GuardedHttp(resolve=resolve or Rebinding(PUBLIC), trust=trust)


def test_a_name_is_resolved_once_and_the_judged_address_is_dialled(
    certificate: Path, secure: Receiver, dialled: list[Address], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A malicious name server can answer a second query with an internal address."""
    names = Rebinding(PUBLIC, "127.0.0.1")
    looked_up: list[object] = []
    real = socket.getaddrinfo

    def look_up(host: object, *rest: object, **options: object) -> object:
        looked_up.append(host)
        return partial(real, host, *rest, **options)()  # type: ignore[arg-type]  # passed on as they are

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

    status = trusting(certificate, names).post("https://hooks.example/x", b"", {})

    assert (status, names.asked, dialled) == (200, ["hooks.example"], [(PUBLIC, 443)])
    assert set(looked_up) <= {PUBLIC, "127.0.0.1"}
    assert len(secure.requests) == 1


def test_each_request_is_checked_again(certificate: Path, dialled: list[Address]) -> None:
    """What was public a minute ago may lead inside now."""
    http = trusting(certificate, Rebinding(PUBLIC, "127.0.0.1"))
    http.post("https://hooks.example/", b"", {})

    with pytest.raises(Rejected):
        http.post("https://hooks.example/", b"", {})

    assert dialled == [(PUBLIC, 443)]


@pytest.mark.parametrize("host", ["hooks.example", "hooks.example."])
@pytest.mark.usefixtures("dialled")
def test_tls_and_the_host_header_use_the_name(
    host: str, certificate: Path, secure: Receiver
) -> None:
    """A shared server selects certificate and site by the name."""
    trusting(certificate).post(f"https://{host}/", b"", {})

    assert secure.names == ["hooks.example"]
    assert secure.requests[0].headers["host"] == host


@pytest.mark.usefixtures("dialled")
def test_a_certificate_for_another_name_is_refused(certificate: Path, secure: Receiver) -> None:
    """The server at the address must prove that it has the name."""
    with pytest.raises(Retryable, match=r"^other\.example has a certificate that is not trusted$"):
        trusting(certificate).post("https://other.example/", b"", {})

    assert secure.requests == []


@pytest.mark.usefixtures("dialled")
def test_an_untrusted_certificate_is_refused(secure: Receiver) -> None:
    """Without settings the authorities of this machine decide."""
    with pytest.raises(Retryable, match="not trusted"):
        GuardedHttp(resolve=Rebinding(PUBLIC)).post("https://hooks.example/", b"", {})

    assert secure.requests == []


@pytest.mark.usefixtures("dialled")
def test_one_who_sends_a_byte_now_and_then_is_cut_off_in_tls_too(
    certificate: Path, secure: Receiver
) -> None:
    """The deadline closes the socket below TLS while another thread reads it."""
    secure.drips = b"H"
    trust = ssl.create_default_context(cafile=certificate)
    quick = GuardedHttp(resolve=Rebinding(PUBLIC), trust=trust, total_seconds=0.1)

    with pytest.raises(Retryable, match="in time"):
        quick.post("https://hooks.example/", b"", {})
