"""The embedded engine as a WSGI application for gunicorn."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

from risksentinel.embedded.engine import running
from risksentinel.logs import configure
from risksentinel.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_open = ExitStack()  # closed when the process ends; its data is discarded


def application() -> "WSGIApplication":
    """Start the engine in this worker, and return its gateway."""
    settings = Settings.read()
    configure(settings.log_level)
    return _open.enter_context(running(settings)).gateway
