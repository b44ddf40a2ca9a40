"""Error responses of S3, mapped to messages that an operator can act on."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from typing_extensions import override

from risksentinel.adapters.models.model_objects import Objects, Stored
from risksentinel.adapters.objects import s3, s3_client
from risksentinel.adapters.objects.s3 import S3Objects
from risksentinel.errors import Misconfigured, RiskSentinelError, Unavailable
from tests.adapters.models.storages import S3Storage
from tests.adapters.models.versions import release


@pytest.fixture
def some_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys for servers that ask for none."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")


def test_a_missing_bucket_is_told(s3: S3Storage) -> None:
    """The operator must create the bucket, or correct the setting."""
    with closing(s3.open("s3://absent-bucket/models")) as registry:
        for ask in (registry.current, registry.versions):
            with pytest.raises(Misconfigured, match="bucket of MODEL_URI does not exist"):
                ask("forest")
        with pytest.raises(Misconfigured, match="bucket of MODEL_URI does not exist"):
            release(registry, "forest", "v1")


@pytest.mark.parametrize("variable", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
def test_wrong_keys_are_told_and_not_quoted(
    s3: S3Storage, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A key in a log is a key to change."""
    monkeypatch.setenv(variable, "very-secret")

    with closing(s3.open()) as registry, pytest.raises(Misconfigured) as refused:
        registry.current("forest")

    assert "refuses: " in str(refused.value)
    assert "very-secret" not in str(refused.value)


def test_missing_keys_are_told_by_name(s3: S3Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message must name the settings."""
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", "/nowhere")

    with closing(s3.open()) as registry, pytest.raises(Misconfigured, match="AWS_ACCESS_KEY_ID"):
        registry.current("forest")


@pytest.mark.usefixtures("some_keys")
@pytest.mark.parametrize("endpoint", ["nonsense", "http://", "http://ho st:9", "127.0.0.1:9"])
def test_an_endpoint_that_is_none_is_told(endpoint: str) -> None:
    """The message must name the setting, not boto3's argument."""
    objects = S3Objects("models", "", endpoint)

    with pytest.raises(Misconfigured, match="S3_ENDPOINT_URL"):
        objects.read("models/forest/current.json", 9)


@pytest.mark.usefixtures("some_keys")
@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (503, b"", Unavailable),
        (500, b"<html>proxy</html>", Unavailable),
        (429, b"", Unavailable),
        (400, b"<Error><Code>RequestTimeout</Code></Error>", Unavailable),
        (403, b"<Error><Code>AccessDenied</Code></Error>", Misconfigured),
        (404, b"<html>not S3 at all</html>", Misconfigured),
        (400, b"", Misconfigured),
    ],
)
def test_an_answer_says_whether_to_try_again(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, expected: type[RiskSentinelError]
) -> None:
    """An overloaded storage recovers by itself; a denied access needs the operator."""
    monkeypatch.setattr(s3_client, "ATTEMPTS", 1)
    with _answering(lambda _: (status, body)) as objects, pytest.raises(expected):
        objects.read("models/forest/current.json", 9)


@pytest.mark.usefixtures("some_keys")
def test_a_storage_without_conditions_takes_no_version_and_any_pointer() -> None:
    """Versions must never change; of two simultaneous promotions either may win."""

    def old_server(conditional: object) -> tuple[int, bytes]:
        unknown = b"<Error><Code>NotImplemented</Code></Error>"
        return (501, unknown) if conditional else (200, b"")

    with _answering(old_server) as objects:
        with pytest.raises(Misconfigured, match="conditional writes"):
            objects.add("models/forest/v1/model.onnx", b"")
        replaced = objects.replace("models/forest/current.json", b"", Stored(b"", '"tag"'))

    assert replaced


@pytest.mark.usefixtures("some_keys")
def test_a_download_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and the whole would take a day."""
    monkeypatch.setattr(s3, "DOWNLOAD_SECONDS", -1)
    with _answering(lambda _: (200, b"drop")) as objects, pytest.raises(Unavailable):
        objects.read("models/forest/current.json", 9)


@contextmanager
def _answering(answer: Callable[[str | None], tuple[int, bytes]]) -> Iterator[Objects]:
    """Objects on a server that answers by whether a request is conditional."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, body = answer(self.headers.get("If-Match") or self.headers.get("If-None-Match"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", '"tag"')
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = _answer  # noqa: N815 - the names that http.server looks for

        @override
        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        with closing(S3Objects("models", "", f"http://127.0.0.1:{server.server_port}")) as objects:
            yield objects
        server.shutdown()
        thread.join()
