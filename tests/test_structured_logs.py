import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from risksentinel import logs
from risksentinel.logs import PRIVATE, REMOVED, configure, without_accounts
from tests.logs import as_before

ACCOUNT = "ZA290000000012345678"


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """Restore the logging of the process."""
    with as_before():
        yield


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """The written lines."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_log_is_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Log collectors read one JSON object per line."""
    configure("INFO", colours=False)

    structlog.get_logger("a").warning("signal.silent", signal="velocity", text="two\nlines \ud800")

    (line,) = lines(capsys)
    assert (line["event"], line["signal"], line["level"]) == (
        "signal.silent",
        "velocity",
        "warning",
    )
    assert str(line["timestamp"]).endswith("Z")


def test_libraries_use_the_same_format(capsys: pytest.CaptureFixture[str]) -> None:
    """A stream with two formats cannot be parsed."""
    configure("INFO", colours=False)

    logging.getLogger("waitress").warning("queue depth is %d", 5)
    logging.getLogger("gunicorn.error").info("booting")
    logging.getLogger("sqlalchemy.engine").debug("not at this level")

    assert [line["event"] for line in lines(capsys)] == ["queue depth is 5", "booting"]


def test_a_servers_own_handlers_are_replaced(capsys: pytest.CaptureFixture[str]) -> None:
    """Servers like gunicorn configure their loggers before they import the function."""
    server = logging.getLogger("gunicorn.error")
    server.addHandler(logging.StreamHandler(sys.stdout))
    server.propagate = False

    configure("INFO", colours=False)
    server.warning("booting")

    assert [line["event"] for line in lines(capsys)] == ["booting"]


def test_configuring_again_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """Five functions in one process each configure logging."""
    configure("INFO", colours=False)
    configure("info", colours=False)

    logging.getLogger("waitress").warning("once")
    structlog.get_logger("b").info("once")

    assert [line["event"] for line in lines(capsys)] == ["once", "once"]


def test_successful_requests_can_be_omitted(capsys: pytest.CaptureFixture[str]) -> None:
    """On a terminal decision lines replace them; failed requests must still be visible."""
    configure("INFO", colours=False, successful_requests=False)
    log = structlog.get_logger("c")

    for status in (200, 201, 302, 400, 422, 503):
        log.info("request", status=status)
    log.info("model.absent")

    logged = lines(capsys)
    assert [line.get("status") for line in logged] == [400, 422, 503, None]


def test_lines_below_the_level_are_omitted(capsys: pytest.CaptureFixture[str]) -> None:
    """Debug logs would slow the hot path."""
    configure("WARNING", colours=False)

    structlog.get_logger("c").info("request")

    assert lines(capsys) == []


def test_a_terminal_gets_readable_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """JSON is hard to read on a terminal."""
    configure("INFO", colours=True)

    structlog.get_logger("d").info("started", port=8080, sender_id=ACCOUNT)

    written = capsys.readouterr().out
    assert "started" in written
    assert ACCOUNT not in written


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_account_numbers_are_removed(capsys: pytest.CaptureFixture[str], name: str) -> None:
    """POPIA: logs must not contain account numbers, not even by mistake."""
    configure("INFO", colours=False)
    fields: dict[str, object] = {name: ACCOUNT, "nested": {"deep": [{name.upper(): ACCOUNT}]}}

    structlog.get_logger("e").info("oops", **fields)

    written = capsys.readouterr().out
    assert ACCOUNT not in written
    assert REMOVED in written


@pytest.mark.parametrize(
    "message",
    [
        f"no row for {ACCOUNT}",
        f"Input is wrong [type=x, input_value='{ACCOUNT}', input_type=str]",
        "Input is wrong [type=x, input_value={'name': 'T. Mbeki'}, input_type=dict]",
        "[SQL: SELECT 1]\n[parameters: {'name': 'T. Mbeki'}]\n(Background on this error)",
    ],
)
def test_a_traceback_does_not_quote_accounts(
    capsys: pytest.CaptureFixture[str], message: str
) -> None:
    """Drivers and validators put values into their errors."""
    configure("INFO", colours=False)

    try:
        raise RuntimeError(message)
    except RuntimeError:
        structlog.get_logger("f").exception("event.failed")
        logging.getLogger("waitress").exception("failed")

    written = capsys.readouterr().out
    assert ACCOUNT not in written
    assert "Mbeki" not in written
    assert written.count("Traceback") == 2


@given(
    st.recursive(
        st.text() | st.integers() | st.none(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_field_of_any_type_is_written(value: object) -> None:
    """A failing log line would fail the payment."""
    event = without_accounts(None, "info", {"event": "e", "value": value})

    line = logs._json_line(None, "info", event)  # noqa: SLF001  # the last step of the pipe

    assert json.loads(line)["event"] == "e"


class _Reader:
    """Standard output whose reader is gone, with the given error."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    def write(self, _text: str) -> int:
        """Raise the error."""
        raise self.failure

    def flush(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    "failure", [BrokenPipeError(), OSError(28, "no space"), ValueError("closed file")]
)
def test_a_closed_log_stream_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], failure: Exception
) -> None:
    """Payments must be processed while the log collector restarts."""
    configure("INFO", colours=False)
    monkeypatch.setattr(sys, "stdout", _Reader(failure))

    structlog.get_logger("g").info("request")
    logging.getLogger("waitress").warning("queue")

    assert capsys.readouterr().err == ""


def test_a_command_logs_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Scripts parse standard output."""
    early = structlog.get_logger("h")
    configure("INFO", colours=False)
    early.info("before")
    capsys.readouterr()

    configure("INFO", colours=False, stream="stderr")
    early.info("after")
    logging.getLogger("waitress").warning("queue")

    written = capsys.readouterr()
    assert written.out == ""
    assert [json.loads(line)["event"] for line in written.err.splitlines()] == ["after", "queue"]


def test_the_kafka_client_logs_no_records() -> None:
    """The debug log of kafka-python contains keys, which are account numbers."""
    configure("DEBUG")

    assert not logging.getLogger("kafka").isEnabledFor(logging.INFO)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("62001234567", "…4567"),
        ("ZA-4083123456789010-x", "ZA-…9010-x"),
        ("123456789", "…6789"),
        ("12345678", "12345678"),
        ("TXN-20260501-000123", "TXN-20260501-000123"),
        ("01a21cde-0b0c-764a-927f-123456789012", "01a21cde-0b0c-764a-927f-123456789012"),
    ],
)
@pytest.mark.parametrize("name", ["transaction_id", "request_id", "event_id", "subject"])
def test_an_account_number_as_an_id_is_shortened(
    capsys: pytest.CaptureFixture[str], name: str, given: str, shown: str
) -> None:
    """Clients choose the ids of payments and requests, and some choose an account number."""
    configure("INFO", colours=False)

    structlog.get_logger("a").info("request", **{name: given}, trace_id="1" * 32)

    (line,) = lines(capsys)
    assert (line[name], line["trace_id"]) == (shown, "1" * 32)
