"""Shutdown hooks: run once before the process exits, while its clients still work."""

import atexit
from collections.abc import Callable
from typing import Final

_hooks: Final[list[Callable[[], None]]] = []


def on_shutdown(hook: Callable[[], None]) -> None:
    """Run `hook` when the server stops its worker, or else when the interpreter exits."""
    if not _hooks:
        atexit.register(run_shutdown_hooks)
    _hooks.append(hook)


def run_shutdown_hooks() -> None:
    """Run the hooks, the last registered first, and each only once.

    A server should call this function when its worker stops: kafka-python closes its connections in
    an exit hook of its own, which runs before the exit hooks that were registered earlier.
    """
    while _hooks:
        _hooks.pop()()
