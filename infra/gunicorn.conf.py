# ruff: noqa: N999 - the default name of gunicorn's configuration
"""The gunicorn configuration of the function in FUNCTION_TARGET and FUNCTION_SOURCE."""

import ctypes
import gc
import signal
import sys

from gunicorn.arbiter import Arbiter
from gunicorn.config import KNOWN_SETTINGS

from risksentinel.assembly.garbage_collection import collect_rarely
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
worker_class = "risksentinel.server.gunicorn_worker.BufferingWorker"
workers = 1
threads = _settings.threads
preload_app = False  # clients must be created after the fork
graceful_timeout = 10
keepalive = 75  # longer than a proxy's, which would otherwise send into a closed connection
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat; on a disk it would block
loglevel = "warning" if _settings.log_level == "info" else _settings.log_level
if any(known.name == "control_socket_disable" for known in KNOWN_SETTINGS):
    control_socket_disable = True

_PR_SET_PDEATHSIG = 1


def on_starting(server: Arbiter) -> None:
    """Refuse an address that other machines reach while AUTH is not set.

    The addresses are those that gunicorn will listen on: `--bind` outranks HOST.
    """
    hosts = [address[0] for address in server.cfg.address if isinstance(address, tuple)]
    try:
        for host in hosts:
            _settings.may_listen_on(host)
    except Misconfigured as error:
        sys.exit(f"risksentinel: {error}")


def post_fork(_server: object, _worker: object) -> None:
    """Let the kernel kill the worker with its master, so that the port becomes free."""
    this_process.passed("server")
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Imported objects are permanent: garbage collection would take a tenth of a cold start.
    gc.disable()


def post_worker_init(_worker: object) -> None:
    """Exclude the imported objects from garbage collection, and turn it on."""
    this_process.passed("function")
    collect_rarely()
    gc.enable()


def worker_exit(_server: object, _worker: object) -> None:
    """Publish the committed outbox events before the broker's client is closed."""
    from risksentinel.assembly.shutdown_hooks import run_shutdown_hooks

    run_shutdown_hooks()
