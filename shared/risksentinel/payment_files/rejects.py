"""Rejects: refused rows with their reasons, one JSON object per line."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from risksentinel.errors import Fault, Misconfigured
from risksentinel.payment_files.row import BrokenRow, Row


@dataclass(frozen=True, slots=True)
class Rejects:
    """Writes refused rows to `file`, if there is one. `place` is `line` or `row`."""

    file: TextIO | None
    place: str

    def add(self, row: Row | BrokenRow, faults: Iterable[Fault]) -> None:
        """Write one refused row."""
        if self.file is None:
            return
        content = {"text": row.text} if isinstance(row, BrokenRow) else {"cells": dict(row.cells)}
        reasons = [{"path": fault.path, "message": fault.message} for fault in faults]
        entry = {self.place: row.place, "reasons": reasons, **content}
        self.file.write(json.dumps(entry, default=str) + "\n")


@contextmanager
def open_rejects(path: Path | None, place: str) -> Iterator[Rejects]:
    """Create or empty the file, readable by its owner only: it contains account numbers.

    Raises:
        Misconfigured: the file cannot be written.
    """
    if path is None:
        yield Rejects(None, place)
        return
    try:
        path.touch(mode=0o600)
        file = path.open("w", encoding="utf-8")
    except OSError as fault:
        raise Misconfigured(f"--rejects {path}: {fault.strerror}") from None
    with file:
        yield Rejects(file, place)
