"""An issuer whose certificate a private authority signs: OIDC_CA_FILE and EVENT_OIDC_CA_FILE."""

import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from risksentinel.assembly.authentication import authenticator
from risksentinel.assembly.container import Container
from risksentinel.assembly.event_senders import event_senders
from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.ports.event_senders import UnknownSender
from risksentinel.settings import Settings
from risksentinel.settings.authentication import Method
from tests.adapters.oidc.signing import AUDIENCE, claims, signed
from tests.functions.caller import NOW
from tests.functions.http_issuer import CLIENT, SECRET, HttpIssuer, http_issuer
from tests.functions.people import ORIGIN, Functions

SUBJECT = "system:serviceaccount:risksentinel:transactions-received--to--score"
_NEW_KEY = [
    *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
    *("-nodes", "-days", "1"),
]


@dataclass(frozen=True, slots=True)
class Authority:
    """A private authority; its certificate is also that of a server at 127.0.0.1."""

    folder: Path

    @property
    def ca_file(self) -> str:
        """The file of the certificate, in PEM."""
        return str(self.folder / "ca.crt")

    @property
    def key_file(self) -> str:
        """The file of the private key, in PEM."""
        return str(self.folder / "ca.key")

    def make(self) -> "Authority":
        """Write both files."""
        names = ["-subj", "/CN=issuer", "-addext", "subjectAltName=IP:127.0.0.1"]
        files = ["-keyout", self.key_file, "-out", self.ca_file]
        subprocess.run([*_NEW_KEY, *names, *files], check=True, capture_output=True)  # noqa: S603
        return self


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority of the issuer."""
    return Authority(tmp_path_factory.mktemp("authority")).make()


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Another authority."""
    return Authority(tmp_path_factory.mktemp("stranger")).make()


@pytest.fixture
def tls_issuer(authority: Authority) -> Iterator[HttpIssuer]:
    """An issuer behind TLS, with a certificate that no system trusts."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(authority.ca_file, authority.key_file)
    with http_issuer(tls) as issuer:
        yield issuer


def of_events(issuer: str, ca_file: str) -> Container:
    """The container of a function that takes events of SUBJECT by tokens of the issuer."""
    settings = Settings(
        event_auth="oidc",
        event_oidc_issuer=issuer,
        event_oidc_ca_file=ca_file,
        event_oidc_audience=AUDIENCE,
        event_oidc_subjects=SUBJECT,
    )
    return Container(settings, clock=lambda: NOW)


def of_people(container: Container, issuer: str, ca_file: str) -> Functions:
    """Functions where people sign in at the issuer."""
    changes: dict[str, Any] = {
        "auth": frozenset({Method.OIDC}),
        "oidc_issuer": issuer,
        "oidc_ca_file": ca_file,
        "oidc_audience": "risksentinel",
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "public_url": ORIGIN,
        "four_eyes": False,
    }
    return Functions(Container(container.settings.model_copy(update=changes), clock=lambda: NOW))


def token(issuer: HttpIssuer, **changes: Any) -> str:  # noqa: ANN401 - claims
    """The header Authorization with a token of the issuer for SUBJECT."""
    return f"Bearer {signed(claims(iss=issuer.address, sub=SUBJECT, **changes))}"


def test_an_event_is_taken_by_a_token_of_an_issuer_behind_a_private_authority(
    authority: Authority, tls_issuer: HttpIssuer
) -> None:
    """The API server of a cluster is such an issuer."""
    authenticate = event_senders(of_events(tls_issuer.address, authority.ca_file))

    assert authenticate(token(tls_issuer)) == SUBJECT
    with pytest.raises(UnknownSender):
        authenticate(token(tls_issuer, aud="another"))


@pytest.mark.parametrize("trusted", ["system", "stranger"])
def test_an_issuer_with_another_certificate_is_not_asked_for_keys(
    trusted: str, stranger: Authority, tls_issuer: HttpIssuer
) -> None:
    """A server at the address of the issuer would otherwise sign tokens; the event waits."""
    ca_file = "" if trusted == "system" else stranger.ca_file
    authenticate = event_senders(of_events(tls_issuer.address, ca_file))

    with pytest.raises(Unavailable):
        authenticate(token(tls_issuer))


def test_people_sign_in_at_an_issuer_behind_a_private_authority(
    container: Container, authority: Authority, tls_issuer: HttpIssuer
) -> None:
    """Discovery, the token endpoint and the keys are all read from it."""
    functions = of_people(container, tls_issuer.address, authority.ca_file)

    answer = functions.browser().sign_in(tls_issuer)
    functions.container.close()

    assert answer.status_code == 200, answer.text
    assert len(tls_issuer.requests) == 1


def test_people_do_not_sign_in_at_an_issuer_with_another_certificate(
    container: Container, stranger: Authority, tls_issuer: HttpIssuer
) -> None:
    """The answer says that the provider does not answer; the log says why."""
    functions = of_people(container, tls_issuer.address, stranger.ca_file)

    with capture_logs() as logs:
        answer = functions.browser().get("/sign-in")
    functions.container.close()

    assert answer.status_code == 503
    assert "its certificate is not trusted" in str(logs)
    assert "OIDC_CA_FILE" in str(logs)


@pytest.mark.parametrize("which", ["missing", "empty", "key", "folder"])
def test_a_file_without_a_certificate_ends_the_start(
    which: str, container: Container, authority: Authority, tmp_path: Path
) -> None:
    """At the first token the function would already have accepted requests."""
    (tmp_path / "empty").touch()
    files = {"missing": "/nowhere/ca.crt", "empty": str(tmp_path / "empty")}
    wrong = {**files, "key": authority.key_file, "folder": str(tmp_path)}[which]
    reason = "there is no file" if which in {"missing", "folder"} else "has no certificate in PEM"

    with pytest.raises(Misconfigured) as of_senders:
        event_senders(of_events("https://issuer.example", wrong))
    with pytest.raises(Misconfigured) as of_callers:
        authenticator(of_people(container, "https://issuer.example", wrong).container)

    assert "EVENT_OIDC_CA_FILE" in str(of_senders.value)
    assert str(of_callers.value).startswith("OIDC_CA_FILE: ")
    assert reason in str(of_senders.value)
    assert reason in str(of_callers.value)
