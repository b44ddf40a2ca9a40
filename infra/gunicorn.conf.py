# ruff: noqa: N999 - the name that gunicorn looks for
"""How gunicorn serves a function: FUNCTION_TARGET and FUNCTION_SOURCE say which one."""

import ctypes
import gc
import signal
import sys

from gunicorn.config import KNOWN_SETTINGS

from risksentinel.errors import Misconfigured
from risksentinel.settings import Settings
from risksentinel.telemetry.startup_times import this_process

try:
    _settings = Settings.read()
except Misconfigured as _error:
    sys.exit(f"risksentinel: {_error}")

this_process.passed("interpreter")

wsgi_app = "functions_framework:create_app()"
bind = f"{_settings.host}:{_settings.port}"
worker_class = "gthread"
workers = 1
threads = _settings.threads
preload_app = False  # no client is made before the fork
graceful_timeout = 10
keepalive = 75  # longer than a proxy in front keeps a connection: it would send into a closed one
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat; on a disk it would block
loglevel = "warning" if _settings.log_level == "info" else _settings.log_level
if any(known.name == "control_socket_disable" for known in KNOWN_SETTINGS):
    control_socket_disable = True

_PR_SET_PDEATHSIG = 1


def post_fork(_server: object, _worker: object) -> None:
    """A worker whose master was killed must not keep the port from the next one."""
    this_process.passed("server")
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # What imports make stays: to look for garbage among it is a tenth of a wake-up.
    gc.disable()


def post_worker_init(_worker: object) -> None:
    """The function is imported: look for garbage from now on, and never among what is there."""
    this_process.passed("function")
    gc.freeze()
    gc.enable()


def worker_exit(_server: object, _worker: object) -> None:
    """Announce what was committed before anything lets go of the broker."""
    from risksentinel.assembly.shutdown_hooks import run_shutdown_hooks

    run_shutdown_hooks()
