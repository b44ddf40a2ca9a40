"""The embedded engine as gunicorn takes it."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

from infra.local.embedded import running
from risksentinel.runtime.settings import Settings
from risksentinel.runtime.structured_logs import configure

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_open = ExitStack()  # closed by the end of the process: its data are thrown away


def application() -> "WSGIApplication":
    """Start the engine in this worker."""
    settings = Settings.read()
    configure(settings.log_level)
    return _open.enter_context(running(settings)).gateway
