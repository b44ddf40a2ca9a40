"""Rejects: refused rows with their reasons, one JSON object per line."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from risksentinel.errors import Misconfigured, Violation
from risksentinel.payment_files.row import BrokenRow, Row


@dataclass(frozen=True, slots=True)
class Rejects:
    """Writes refused rows to `file`, if there is one. `place` is `line` or `row`."""

    file: TextIO | None
    place: str

    def add(self, row: Row | BrokenRow, violations: Iterable[Violation]) -> None:
        """Write one refused row."""
        if self.file is None:
            return
        content = {"text": row.text} if isinstance(row, BrokenRow) else {"cells": dict(row.cells)}
        reasons = [
            {"path": violation.path, "message": violation.message} for violation in violations
        ]
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
    except OSError as error:
        raise Misconfigured(f"--rejects {path}: {error.strerror}") from None
    with file:
        yield Rejects(file, place)
