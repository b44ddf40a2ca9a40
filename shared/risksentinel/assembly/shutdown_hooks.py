"""Endings: what a process does once before it goes, while its clients still work."""

import atexit
from collections.abc import Callable
from typing import Final

_hooks: Final[list[Callable[[], None]]] = []


def on_shutdown(hook: Callable[[], None]) -> None:
    """Do this when a server says that its worker ends, or else when the interpreter does."""
    if not _hooks:
        atexit.register(run_shutdown_hooks)
    _hooks.append(hook)


def run_shutdown_hooks() -> None:
    """Do what is to be done, the last first; nothing is done twice.

    A server should call it when its worker stops: kafka-python lets go of the broker by an exit
    hook of its own, which runs before those that were registered earlier.
    """
    while _hooks:
        _hooks.pop()()
