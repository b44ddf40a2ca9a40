from pathlib import Path

import pytest

from infra.kafka_source.credentials import REREAD_SECONDS, SourceCredentials
from infra.kafka_source.sink_responses import DeliveryResult, sink_response
from risksentinel.errors import Misconfigured


def test_a_source_without_credentials_sends_none() -> None:
    """A function on loopback requires none."""
    assert SourceCredentials().headers == {}


def test_the_secret_is_sent_as_a_bearer() -> None:
    """The function compares it with EVENT_SECRET."""
    assert SourceCredentials("hush").headers == {"Authorization": "Bearer hush"}


def test_a_token_file_is_read_again(tmp_path: Path) -> None:
    """Kubernetes writes a new token before the old one expires."""
    file, now = tmp_path / "token", [0.0]
    file.write_text("first\n")
    credentials = SourceCredentials("hush", file, lambda: now[0])
    first = credentials.headers
    file.write_text("second\n")
    same = credentials.headers
    now[0] += REREAD_SECONDS + 1

    assert (first, same) == ({"Authorization": "Bearer first"},) * 2
    assert credentials.headers == {"Authorization": "Bearer second"}


def test_a_missing_token_file_stops_the_start(tmp_path: Path) -> None:
    """Without the token each event would be refused."""
    with pytest.raises(Misconfigured, match=r"--token-file .* No such file"):
        SourceCredentials(token_file=tmp_path / "none")


@pytest.mark.parametrize("status", [401, 403])
def test_events_wait_while_the_function_refuses_the_source(status: int) -> None:
    """A wrong secret is no fault of the events: none becomes a dead letter."""
    assert sink_response(status, {}, b"").result is DeliveryResult.UNAVAILABLE
