"""Shared by the tests of the import: a fake sink, and rows of files."""

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from rich.console import Console

from risksentinel.errors import Violation
from risksentinel.payment_files.options import ImportOptions
from risksentinel.payment_files.run import run_import
from risksentinel.payment_files.sinks import Documents, PaymentResult, PaymentSink

Rows = Sequence[Mapping[str, Any]]
MakeRow = Callable[[int], dict[str, object]]
Write = Callable[[str, Rows], Path]


@dataclass
class FakeSink:
    """Stores the payments; `scripted` overrides the answers by id."""

    scripted: dict[str, PaymentResult] = field(default_factory=dict)
    batches: list[list[dict[str, Any]]] = field(default_factory=list)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def send(self, documents: Documents) -> list[PaymentResult]:
        """Answer new, known or conflicting, as the engine does."""
        self.batches.append([dict(document) for document in documents])
        return [self._answer(dict(document)) for document in documents]

    def _answer(self, document: dict[str, Any]) -> PaymentResult:
        if document["id"] in self.scripted:
            return self.scripted[document["id"]]
        before = self.known.setdefault(document["id"], document)
        if before is document:
            level = "high" if document["amount_zar"].startswith("9") else "low"
            return PaymentResult(HTTPStatus.CREATED, level)
        if before != document:
            return PaymentResult(
                HTTPStatus.CONFLICT, None, (Violation("id", "is another payment's"),)
            )
        return PaymentResult(HTTPStatus.OK)

    @property
    def sent(self) -> list[dict[str, Any]]:
        """Every document, in order."""
        return [document for batch in self.batches for document in batch]


@dataclass
class FileImport:
    """Imports files into one sink; `text` is the last output."""

    sink: PaymentSink
    text: str = ""

    def __call__(self, file: Path, **given: Any) -> int:  # noqa: ANN401 - options of all types
        """Return the exit code."""
        plain: dict[str, Any] = {"maps": (), "sets": (), "timezone": None}
        printed = io.StringIO()
        console = Console(file=printed, width=200)
        try:
            return run_import(ImportOptions.of(plain | given | {"file": file}), self._open, console)
        finally:
            self.text = printed.getvalue()

    def _open(self) -> AbstractContextManager[PaymentSink]:
        @contextmanager
        def opened() -> Iterator[PaymentSink]:
            yield self.sink

        return opened()


def payment(number: int, **other: object) -> dict[str, object]:
    """A complete and valid row."""
    return {
        "tx_id": f"T{number}",
        "payer": f"S{number % 3}",
        "payee": "R1",
        "amount": f"{number}.50",
        "channel": "atm",
        "ts": "2026-05-01T08:30:00Z",
    } | other


def anonymous(number: int) -> dict[str, object]:
    """A row without an id; every second row equals the previous row."""
    row = payment(number - number % 2)
    del row["tx_id"]
    return row


def counts(text: str) -> dict[str, str]:
    """The counts of the report by name."""
    cells = [line.strip("│ ").split("│") for line in text.splitlines() if line.startswith("│")]
    pairs = {row[0].strip(): row[1].strip() for row in cells if len(row) == 2}
    return {name: value for name, value in pairs.items() if not re.search(" (a|per) ", name)}
