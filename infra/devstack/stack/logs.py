"""Writes the output of all processes to one stream, each line with the name of its process."""

import os
from contextlib import suppress
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread
from typing import BinaryIO, Final

_WIDTH: Final = 21
_COLOURS: Final = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)
_LONGEST_LINE: Final = 64 * 1024
_POLL_EVERY: Final = 0.25
_DRAINED_WITHIN: Final = 1.0


class Logs:
    """A thread-safe writer of whole lines."""

    def __init__(self, out: BinaryIO, *, coloured: bool) -> None:
        self._out = out
        self._coloured = coloured
        self._lock = Lock()
        self._colours: dict[str, int] = {}
        self._pipes: list[Thread] = []
        self._closed = Flag()

    def say(self, text: str) -> None:
        """Write a message of the stack itself."""
        for line in text.splitlines():
            self.write("stack", line.encode())

    def write(self, name: str, line: bytes) -> None:
        """Write one line; a closed output is ignored, so that no process stops for it."""
        with self._lock, suppress(OSError, ValueError):
            self._out.write(self._prefix(name) + line.rstrip(b"\r\n") + b"\n")
            self._out.flush()

    def pipe(self, name: str) -> BinaryIO:
        """Return a pipe for the output of a process; close it after the process has started."""
        reading, writing = os.pipe()
        thread = Thread(target=self._drain, args=(name, reading), daemon=True)
        self._pipes = [pipe for pipe in self._pipes if pipe.is_alive()] + [thread]
        thread.start()
        return os.fdopen(writing, "wb")

    def follow(self, name: str, file: Path) -> None:
        """Write the lines that are appended to a file from now on, until `close`."""
        start = file.stat().st_size if file.exists() else 0
        Thread(target=self._follow, args=(name, file, start), daemon=True).start()

    def close(self) -> None:
        """Write the remaining output of the processes, and stop."""
        self._closed.set()
        for thread in self._pipes:
            thread.join(_DRAINED_WITHIN)

    def _drain(self, name: str, reading: int) -> None:
        with os.fdopen(reading, "rb") as lines:
            while line := lines.readline(_LONGEST_LINE):
                self.write(name, line)

    def _follow(self, name: str, file: Path, start: int) -> None:
        while not (file.exists() or self._closed.wait(_POLL_EVERY)):
            pass
        if not file.exists():
            return
        with file.open("rb") as lines:
            lines.seek(start)
            while not self._closed.wait(_POLL_EVERY):
                while line := lines.readline(_LONGEST_LINE):
                    self.write(name, line)

    def _prefix(self, name: str) -> bytes:
        if not self._coloured:
            return f"{name:<{_WIDTH}} | ".encode()
        colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
        return f"\033[{colour}m{name:<{_WIDTH}} |\033[0m ".encode()
