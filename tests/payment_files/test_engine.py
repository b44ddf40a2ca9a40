"""Imports into the embedded engine in this process, with SQLite."""

import csv
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from werkzeug.test import Client

from risksentinel.embedded.direct_engine import direct_engine
from risksentinel.embedded.engine import running
from risksentinel.payment_files.sinks import Documents, EngineSink, ImportOutcome, PaymentResult
from risksentinel.settings import Settings
from tests.payment_files.bench import FileImport, Write

SAMPLE: Final = Path(__file__).parents[2] / "samples" / "payments.csv"
# The rules for payments that require a statutory report (FIC Act).
DUTIES: Final = {
    "cash-report-01": "Cash above the reporting threshold",
    "cross-border-01": "Money leaves the country above the reporting threshold",
}


@dataclass
class RealEngine:
    """A sink that starts the engine for each batch; `results` are the last results by id."""

    results: dict[str, PaymentResult] = field(default_factory=dict)

    def send(self, documents: Documents) -> list[PaymentResult]:
        """Score the payments and store the results."""
        with direct_engine() as score:
            found = EngineSink(score).send(documents)
        self.results = {document["id"]: one for document, one in zip(documents, found, strict=True)}
        return found

    @property
    def decisions(self) -> Mapping[str, str | None]:
        """The decisions by payment."""
        return {name: result.decision for name, result in self.results.items()}

    @property
    def outcomes(self) -> Counter[ImportOutcome]:
        """The outcomes of the payments."""
        return Counter(result.outcome for result in self.results.values())


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RealEngine:
    """An engine without payments."""
    monkeypatch.setenv("RISKSENTINEL_HOME", str(tmp_path / "home"))
    return RealEngine()


@pytest.fixture
def into(engine: RealEngine) -> FileImport:
    """Imports files into that engine."""
    return FileImport(engine)


def receipt(payment: str) -> Mapping[str, Any]:
    """The receipt of the score of the payment."""
    with running(Settings.read()) as found:
        answer = Client(found.gateway).get(f"/api/v1/transactions/{payment}/score")
    assert answer.status_code == 200
    body: Mapping[str, Any] = answer.get_json()
    return body


def test_the_sample_shows_every_decision(into: FileImport, engine: RealEngine) -> None:
    """The sample demonstrates each decision without data of the user."""
    code = into(SAMPLE)

    assert code == 0
    assert engine.outcomes == {ImportOutcome.NEW: len(SAMPLE.read_text().splitlines()) - 1}
    assert set(engine.decisions.values()) == {"approve", "review", "decline"}
    everyday = {
        decision for name, decision in engine.decisions.items() if name.startswith("everyday-")
    }
    assert everyday == {"approve"}
    assert "not in order" not in into.text


def test_the_sample_run_again_adds_nothing(into: FileImport, engine: RealEngine) -> None:
    """The README promises that a second import changes nothing."""
    into(SAMPLE)
    first = engine.decisions

    code = into(SAMPLE)

    assert code == 0
    assert engine.outcomes == {ImportOutcome.KNOWN: len(first)}
    assert engine.decisions == first


@pytest.mark.parametrize(("payment", "rule"), DUTIES.items())
def test_the_sample_shows_both_statutory_reports(into: FileImport, payment: str, rule: str) -> None:
    """Cash above R49,999.99 (FIC Act, s28), abroad above R19,999.99 (s31)."""
    into(SAMPLE)

    assert any(rule in reason for reason in receipt(payment)["reasons"])


def test_a_file_with_the_newest_payment_first_gets_the_decisions_of_the_sorted_one(
    into: FileImport, engine: RealEngine, write: Write, tmp_path: Path
) -> None:
    """Banks export the newest payment first, and structuring is detected at the second payment."""
    with SAMPLE.open(newline="") as file:
        rows = list(csv.DictReader(file))
    into(SAMPLE)
    expected = engine.decisions
    (tmp_path / "home").rename(tmp_path / "other")

    code = into(write("payments.csv", rows[::-1]))

    assert code == 0
    assert f"payments.csv was not in order of time: {len(rows)} payments were sorted" in into.text
    assert engine.decisions == expected
