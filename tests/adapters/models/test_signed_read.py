"""Objects are read from S3 without boto3 where that is possible, and as boto3 reads them."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from socket import create_server, socket
from typing import Final
from urllib.parse import quote

import pytest
from botocore.auth import S3SigV4Auth  # type: ignore[import-untyped]  # it has no types
from botocore.awsrequest import AWSRequest  # type: ignore[import-untyped]  # the same
from botocore.credentials import Credentials  # type: ignore[import-untyped]  # the same
from hypothesis import given
from hypothesis import strategies as st

from risksentinel.adapters.objects.s3 import S3Objects
from risksentinel.adapters.objects.signature import Keys, signed_headers
from risksentinel.adapters.objects.signed_read import Address, Undecided, signed_read
from risksentinel.errors import Unavailable
from tests.adapters.models.storages import BUCKET, PREFIX, S3Storage

_AT: Final = datetime(2026, 5, 1, 12, 30, 45, tzinfo=UTC)
_texts: Final = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1)
_NOWHERE: Final = "http://127.0.0.1:9"
_OTHERS: Final = ("AWS_PROFILE", "HTTP_PROXY")
_OTHERS_OF_TLS: Final = ("AWS_PROFILE", "https_proxy", "AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")
_CUT_OFF: Final = b"Content-Length: 9\r\n\r\npart"
_READS: Final = """
import sys
from risksentinel.adapters.objects.s3 import S3Objects
objects = S3Objects(*sys.argv[1:5])
known = objects.read(sys.argv[5], 9)
assert known is not None
assert known.body == b"body"
assert objects.read(sys.argv[5], 9, known) is known
print(*sorted({"boto3", "botocore"} & set(sys.modules)))
"""


@given(
    keys=st.builds(Keys, _texts, _texts, st.just("") | _texts),
    region=_texts,
    key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1),
)
def test_the_signature_is_that_of_botocore(keys: Keys, region: str, key: str) -> None:
    """A server refuses a request whose signature it does not compute itself."""
    path = f"/models/{quote(key, safe='/~')}"
    request = AWSRequest("GET", f"https://storage:9000{path}", headers={})
    request.context["timestamp"] = _AT.strftime("%Y%m%dT%H%M%SZ")
    botocore = S3SigV4Auth(Credentials(keys.access, keys.secret, keys.token or None), "s3", region)
    botocore._modify_request_before_signing(request)  # noqa: SLF001 - add_auth reads the clock
    canonical = botocore.canonical_request(request)
    signature = botocore.signature(botocore.string_to_sign(request, canonical), request)

    headers = signed_headers(keys, region, "storage:9000", path, _AT)

    assert headers["authorization"].endswith(f"Signature={signature}")


@pytest.mark.parametrize("key", ["forest/current.json", "ä b+c/~d(e)'*.json"])
def test_an_object_is_read_without_boto3(s3: S3Storage, key: str) -> None:
    """The import and the client of boto3 take 0.2 s of a cold start."""
    s3.write(key, b"body")
    settings = s3.settings
    where = (BUCKET, PREFIX, settings["S3_ENDPOINT_URL"], settings["AWS_REGION"], key)

    ran = subprocess.run(  # noqa: S603 - this very Python, with a program written above
        [sys.executable, "-c", _READS, *where],
        env={**s3.environment, "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == ""


@pytest.fixture
def some_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys for servers that ask for none, and no other variable of boto3."""
    for name in (*_OTHERS, *_OTHERS_OF_TLS, "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")


@pytest.mark.usefixtures("some_keys")
@pytest.mark.parametrize(
    ("scheme", "variable"),
    [*(("http", name) for name in _OTHERS), *(("https", name) for name in _OTHERS_OF_TLS)],
)
def test_boto3_asks_where_the_environment_says_more(
    monkeypatch: pytest.MonkeyPatch, scheme: str, variable: str
) -> None:
    """Profiles, proxies and certificates are boto3's: no other connection is made."""
    with create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        endpoint = f"{scheme}://127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv(variable, "other")

        with pytest.raises(Undecided), signed_read(Address(endpoint, "za", "models"), "key", ""):
            pass

        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.usefixtures("some_keys")
@pytest.mark.parametrize(
    ("endpoint", "region"),
    [
        *[(endpoint, "za") for endpoint in ("", "nonsense", "http://", "http://[", "ftp://host")],
        *[(endpoint, "za") for endpoint in ("http://u:p@host", "http://host:x", "http://host?a")],
        (_NOWHERE, "za"),
        (_NOWHERE, ""),
    ],
)
def test_boto3_asks_where_the_settings_are_not_usual(endpoint: str, region: str) -> None:
    """boto3 knows Amazon's regions, and its errors name the setting."""
    with pytest.raises(Undecided), signed_read(Address(endpoint, region, "models"), "key", ""):
        pass


@pytest.mark.usefixtures("some_keys")
def test_a_body_that_is_cut_off_is_an_outage() -> None:
    """A part of a model must not be refused as a wrong model: the next attempt reads all."""
    with create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:
        answered = pool.submit(_answer, server, b"HTTP/1.1 200 OK\r\nETag: a\r\n" + _CUT_OFF)
        endpoint = f"http://127.0.0.1:{server.getsockname()[1]}"

        with pytest.raises(Unavailable):
            S3Objects("models", "", endpoint, "za").read("key", 9)

        answered.result()


def _answer(server: socket, response: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(response)
