"""Logging is the process's: who configures it in a test puts it back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from risksentinel.logs import configure


@contextmanager
def as_before() -> Iterator[None]:
    """Leave the process's logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    structlog.reset_defaults()
    yield
    configure("INFO", colours=False)
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level
