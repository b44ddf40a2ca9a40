"""Logs of the process: JSON lines, or colours on a terminal; account numbers are removed."""

import json
import logging
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
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
_PLAIN: Final = frozenset({str, int, float, bool, type(None)})
_OWN_HANDLERS: Final = ("gunicorn.error", "gunicorn.access", "waitress", "werkzeug", "sqlalchemy")
# Values that drivers and pydantic quote in errors, and any word with six digits in a row.
_QUOTED: Final = re.compile(
    r"(?s:\[parameters: .*?\]\n)|input_value=.*?(?=, input_type)|\b(?=\w*\d{6})\w+\b"
)
_IDS: Final = frozenset({"id", "subject", "transaction", "letter"})  # and what ends with _id
_RANDOM: Final = frozenset({"trace_id", "span_id"})
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LONG_NUMBER: Final = re.compile(r"\d{5,}(\d{4})")  # nine digits or more: the last four are shown
Stream = Literal["stdout", "stderr"]
_as_json: Final = json.JSONEncoder(default=str, separators=(",", ":")).encode
_pipe: Final[list[Processor]] = []  # never replaced: cached loggers keep a reference


class _Lines:
    """Writes lines to the current standard output or standard error."""

    stream: Stream = "stdout"

    def on_a_terminal(self) -> bool:
        out: TextIO = getattr(sys, self.stream)
        return out.isatty()

    def msg(self, line: str) -> None:
        out: TextIO = getattr(sys, self.stream)
        # The stream may be closed: a lost log line must not fail a request or end a thread.
        with suppress(OSError, ValueError):
            out.write(line + "\n")
            out.flush()

    debug = info = warning = error = critical = exception = fatal = log = msg


_lines: Final = _Lines()  # never replaced, for the same reason


def configure(
    level: str = "INFO",
    *,
    colours: bool | None = None,
    stream: Stream = "stdout",
    successful_requests: bool = True,
) -> None:
    """Send every log of this process to one stream; a repeated call changes nothing.

    `successful_requests` selects whether requests with a status below 400 are logged.
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
    # Below WARNING kafka-python logs keys and values of records, which contain account numbers.
    logging.getLogger("kafka").setLevel(max(number, logging.WARNING))


def without_accounts(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace account numbers at any depth, and values that a traceback may quote."""
    clean: dict[str, Any] = _cleaned(event)
    if "exception" in clean:
        clean["exception"] = _QUOTED.sub(REMOVED, str(clean["exception"]))
    return clean


def _cleaned(value: Any) -> Any:  # noqa: ANN401  # log fields have any type
    if isinstance(value, Mapping):
        return {
            name: REMOVED
            if _is_private(name)
            else _shown(name, member)
            if type(member) in _PLAIN
            else _cleaned(member)
            for name, member in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_cleaned(member) for member in value]
    return value


def _shown(name: object, value: object) -> object:
    """An id is chosen by the client, who may use an account number as a payment's id."""
    if isinstance(value, str) and _is_id(name) and not _UUID.fullmatch(value):
        return _LONG_NUMBER.sub(r"…\1", value)
    return value


@lru_cache(maxsize=256)
def _is_id(name: object) -> bool:
    text = str(name).lower()
    return text not in _RANDOM and (text in _IDS or text.endswith("_id"))


@lru_cache(maxsize=256)  # each log line has the same few names
def _is_private(name: object) -> bool:
    return str(name).lower() in PRIVATE


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
        except Exception:  # noqa: BLE001  # as in the standard library: a log never fails its caller
            self.handleError(record)
