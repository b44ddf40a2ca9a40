"""One pipe for every log: JSON lines, or colours on a terminal, and no account in either."""

import json
import logging
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any, Final, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger
from typing_extensions import override

PRIVATE: Final = frozenset(
    {
        "account",
        "account_id",
        "account_number",
        "key",
        "partitionkey",
        "receiver",
        "receiver_id",
        "sender",
        "sender_id",
    }
)
REMOVED: Final = "[removed]"
_OWN_HANDLERS: Final = ("gunicorn.error", "gunicorn.access", "waitress", "werkzeug", "sqlalchemy")
# What drivers and pydantic quote in their errors, and any word with an account's run of digits.
_QUOTED: Final = re.compile(
    r"(?s:\[parameters: .*?\]\n)|input_value=.*?(?=, input_type)|\b(?=\w*\d{6})\w+\b"
)
Stream = Literal["stdout", "stderr"]
_as_json: Final = json.JSONEncoder(default=str, separators=(",", ":")).encode
_pipe: Final[list[Processor]] = []  # one list for good: loggers that are cached hold on to it


class _Lines:
    """Writes whole lines to whatever the stream is now."""

    stream: Stream = "stdout"

    def on_a_terminal(self) -> bool:
        out: TextIO = getattr(sys, self.stream)
        return out.isatty()

    def msg(self, line: str) -> None:
        out: TextIO = getattr(sys, self.stream)
        # Nobody may read it any more: a log that is lost fails no request and ends no thread.
        with suppress(OSError, ValueError):
            out.write(line + "\n")
            out.flush()

    debug = info = warning = error = critical = exception = fatal = log = msg


_lines: Final = _Lines()  # one for good, for the same reason


def configure(
    level: str = "INFO",
    *,
    colours: bool | None = None,
    stream: Stream = "stdout",
    successful_requests: bool = True,
) -> None:
    """Send every log of this process to one stream; again with the same changes nothing.

    `successful_requests` says whether requests that were answered below 400 are logged.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    _lines.stream = stream
    coloured = _lines.on_a_terminal() if colours is None else colours
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_accounts,
    ]
    writer: Processor = structlog.dev.ConsoleRenderer() if coloured else _json_line
    _pipe[:] = [*before, writer] if successful_requests else [_without_successes, *before, writer]
    structlog.configure(
        processors=_pipe,
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=lambda *_: _lines,
        cache_logger_on_first_use=True,
    )
    _take_over_stdlib(number, before, writer)
    # Below that kafka-python tells the keys and values of records, which hold account numbers.
    logging.getLogger("kafka").setLevel(max(number, logging.WARNING))


def without_accounts(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take out what names an account, however deep, and what a traceback may quote."""
    clean: dict[str, Any] = _cleaned(event)
    if "exception" in clean:
        clean["exception"] = _QUOTED.sub(REMOVED, str(clean["exception"]))
    return clean


def _cleaned(value: Any) -> Any:  # noqa: ANN401  # a log's fields are anything
    if isinstance(value, Mapping):
        return {
            name: REMOVED if str(name).lower() in PRIVATE else _cleaned(member)
            for name, member in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_cleaned(member) for member in value]
    return value


def _without_successes(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    if event["event"] == "request" and event["status"] < HTTPStatus.BAD_REQUEST:
        raise structlog.DropEvent
    return event


def _json_line(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return _as_json(event)


def _take_over_stdlib(level: int, before: list[Processor], writer: Processor) -> None:
    handler = _LineHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *before],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, writer],
        )
    )
    logging.root.handlers = [handler]
    logging.root.setLevel(level)
    for name in _OWN_HANDLERS:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


class _LineHandler(logging.Handler):
    @override
    def emit(self, record: logging.LogRecord) -> None:
        try:
            _lines.msg(self.format(record))
        except Exception:  # noqa: BLE001  # logging's own rule: a log never fails its caller
            self.handleError(record)
