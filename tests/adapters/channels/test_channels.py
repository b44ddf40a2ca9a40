"""The contract of every registered channel."""

import logging
import traceback
from datetime import UTC, datetime

import pytest

from risksentinel.adapters.channels import CHANNELS, channels
from risksentinel.adapters.http.guarded import GuardedHttp
from risksentinel.errors import Rejected, Retryable
from risksentinel.ports.alerting import AlertChannel
from tests.adapters.channels.alerts import SECRET, endpoint, raised
from tests.adapters.channels.receiver import Receiver, receiving

pytestmark = pytest.mark.parametrize("name", CHANNELS)


def channel(name: str, http: GuardedHttp | None = None) -> AlertChannel:
    """The channel, allowed to use loopback by default."""
    return channels(
        http or GuardedHttp(allow_private=True), lambda: datetime(2026, 5, 1, 8, 31, tzinfo=UTC)
    )[name]


def test_delivers(name: str, receiver: Receiver) -> None:
    """Every registered channel must deliver an alert."""
    channel(name).send(endpoint(name, receiver.url), raised())

    (request,) = receiver.requests
    assert request.path == "/hooks/open-sesame?key=hush"
    assert request.headers["content-type"] == "application/json"
    assert b"75" in request.body


@pytest.mark.parametrize("status", [201, 202, 204])
def test_takes_any_2xx_for_a_delivery(name: str, status: int, receiver: Receiver) -> None:
    """Receivers differ in which one they answer."""
    receiver.status = status

    channel(name).send(endpoint(name, receiver.url), raised())

    assert len(receiver.requests) == 1


@pytest.mark.parametrize("status", [302, 400, 401, 404, 408, 425, 429, 500, 503])
def test_is_sent_again_after_a_failure(name: str, status: int, receiver: Receiver) -> None:
    """The receiver may correct any failure within minutes."""
    receiver.status = status

    with pytest.raises(Retryable, match=str(status)):
        channel(name).send(endpoint(name, receiver.url), raised())


def test_gives_up_on_an_endpoint_that_is_gone(name: str, receiver: Receiver) -> None:
    """With 410 a receiver refuses all further deliveries."""
    receiver.status = 410

    with pytest.raises(Rejected, match="410"):
        channel(name).send(endpoint(name, receiver.url), raised())


def test_refuses_an_internal_address(name: str, receiver: Receiver) -> None:
    """An alert must not be a way into our own network."""
    outside = GuardedHttp(resolve=lambda _host, _port: ["127.0.0.1"])
    address = f"https://hooks.example:{receiver.port}/"

    with pytest.raises(Rejected, match="is not a public address"):
        channel(name, outside).send(endpoint(name, address), raised())

    assert receiver.requests == []


def test_is_sent_again_after_silence(name: str, receiver: Receiver) -> None:
    """An endpoint that hangs must not hold up the others."""
    receiver.pause = 5
    impatient = GuardedHttp(allow_private=True, total_seconds=0.1)

    with pytest.raises(Retryable, match="in time"):
        channel(name, impatient).send(endpoint(name, receiver.url), raised())


def test_never_follows_a_redirect(name: str, receiver: Receiver) -> None:
    """Its target was not judged, and would be given a signed alert."""
    with receiving() as internal:
        receiver.status, receiver.location = 307, internal.url

        with pytest.raises(Retryable, match="redirects are not followed"):
            channel(name).send(endpoint(name, receiver.url), raised())

        assert internal.requests == []


@pytest.mark.parametrize("status", [200, 500, 410])
def test_keeps_the_address_and_the_secret_to_itself(
    name: str, status: int, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    """A reader of the logs could otherwise send alerts as this engine."""
    caplog.set_level(logging.DEBUG)
    receiver.status = status
    said = ""

    try:
        channel(name).send(endpoint(name, receiver.url), raised())
    except (Rejected, Retryable) as error:
        said = "".join(traceback.format_exception(error))

    for hidden in ("open-sesame", "hush", SECRET, "ZA-6200001234"):
        assert hidden not in said + caplog.text
