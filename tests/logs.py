"""as_before: restores the logging of the process after a test."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from risksentinel.logs import configure


@contextmanager
def as_before() -> Iterator[None]:
    """Restore the process's logging."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    structlog.reset_defaults()
    yield
    configure("INFO", colours=False)
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level
