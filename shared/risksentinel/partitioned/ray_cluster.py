"""cluster: a Ray cluster for the time of a block, and its errors as errors of this package."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from risksentinel.errors import Misconfigured, Rejected, RiskSentinelError, Unavailable

_CONNECT_SECONDS: Final = 5
# No statistics are sent; workers of this machine have the priority of the command, not less.
_ENVIRONMENT: Final = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0"}
LOCAL: Final = "local"  # the address that starts workers on this machine


@contextmanager
def cluster(address: str, workers: int) -> Iterator[None]:
    """Use the cluster at `host:port` or `ray://host:port`; LOCAL: `workers` on this machine.

    Raises:
        Misconfigured: Ray is not installed, or the cluster cannot be used.
        Rejected: a task was refused.
        Unavailable: a worker or its machine ended.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)  # noqa: TID251 - Ray's own, not ours
    on_stop = signal.getsignal(signal.SIGTERM)
    try:
        import ray
    except ModuleNotFoundError:
        raise Misconfigured("a cluster needs Ray: pip install 'risksentinel[cluster]'") from None
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, on_stop)  # the import replaces it
    _refuse_closed_port(address)
    try:
        if address == LOCAL:
            ray.init(
                num_cpus=workers,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        else:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError, OSError) as fault:
        said = str(fault).partition("\n")[0]
        raise Misconfigured(f"the Ray cluster {address} cannot be used: {said}") from fault
    try:
        with _errors():
            yield
    finally:
        ray.shutdown()


def _refuse_closed_port(address: str) -> None:
    """Raise Misconfigured if no server listens: Ray itself tries for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not (colon and port.isdecimal()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _CONNECT_SECONDS).close()
    except (OSError, OverflowError) as fault:
        raise Misconfigured(f"no Ray cluster answers at {address}: {fault}") from None


@contextmanager
def _errors() -> Iterator[None]:
    from ray.exceptions import RayError, RayTaskError

    try:
        yield
    except RayTaskError as fault:
        if isinstance(fault.cause, RiskSentinelError):
            raise Rejected(str(fault.cause)) from fault
        raise
    except RayError as fault:
        reason = str(fault).partition("\n")[0]
        raise Unavailable("the Ray cluster", fault, reason) from fault
