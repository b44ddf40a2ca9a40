"""decider: opens what decides one side, from the inputs."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.models.cached_fraud_model import ServedModel
from risksentinel.adapters.models.cached_model import InUse
from risksentinel.adapters.models.pinned_fraud_model import PinnedFraudModel
from risksentinel.adapters.sql.list_book import SqlListBook
from risksentinel.adapters.sql.stored_outcomes import SqlStoredOutcomes
from risksentinel.assembly.container import Container
from risksentinel.assembly.model_features import features_of, load_model
from risksentinel.assembly.model_registry import model_registry
from risksentinel.backtest.inputs import Inputs
from risksentinel.backtest.side import DecideWindow
from risksentinel.domain.model_version import Pointer
from risksentinel.domain.policy_version import names_version
from risksentinel.domain.signal import Silent
from risksentinel.domain.transaction import EARLIEST
from risksentinel.ports.opinions import Edition
from risksentinel.scoring.features.reasons import reasons
from risksentinel.scoring.partitions.in_order import InOrder
from risksentinel.scoring.partitions.past_outcome import PastOutcome
from risksentinel.scoring.partitions.senders import Decide
from risksentinel.scoring.policy_contents import contents_of
from risksentinel.usecases.decide_past import DecidePast
from risksentinel.usecases.gather_facts import Scoring

_NOTHING: Final = Silent("no model is promoted")


@dataclass(frozen=True, slots=True)
class _Fixed:
    """Meets `ports.RuleBook` with one edition."""

    only: Edition

    def edition(self) -> Edition:
        """The edition."""
        return self.only


class _Unmeasured:
    """Meets `ports.Meter`, and measures nothing."""

    def stage(self, name: str) -> AbstractContextManager[object]:  # noqa: ARG002 - of the port
        """Measure nothing."""
        return nullcontext()

    def decision(self, decision: str) -> None:
        """Count nothing."""

    def shadowed(self, outcome: str, count: int = 1) -> None:
        """Count nothing."""

    def silent(self, signal: str) -> None:
        """Count nothing."""


def decider(container: Container, inputs: Inputs, side: str) -> DecideWindow:
    """The function that decides a window of events, or reads what was decided."""
    contents = inputs.policy(side)
    if contents is None:
        return SqlStoredOutcomes(container.engine)
    decide, window_seconds = decide_past(container, inputs, contents)
    return InOrder(decide, window_seconds)


def decide_past(
    container: Container, inputs: Inputs, contents: Mapping[str, Any]
) -> tuple[Decide[PastOutcome], int]:
    """What decides payments with the snapshots of their accounts, and the velocity window."""
    found = contents_of(contents, EARLIEST)
    policy = found.policy
    as_of = inputs.moment("as_of")
    window = timedelta(seconds=policy.velocity_window_seconds)
    lists = SqlListBook(container.engine, lambda: as_of)
    container.on_close(lists.close)
    scoring = Scoring(
        _Fixed(Edition(found.rules, policy)),
        MemoryHistory(window),  # never asked: snapshots are given
        PinnedFraudModel(_model(container, inputs, found.model), features_of, reasons),
        policy,
        _Unmeasured(),
        lists,
    )
    return DecidePast(scoring), policy.velocity_window_seconds


def _model(container: Container, inputs: Inputs, choice: str | None) -> InUse[ServedModel] | Silent:
    """The version that the policy names; else the one that was promoted at the preparation."""
    stated = inputs.document["model"]
    if names_version(choice):
        pointer = Pointer.of(str(choice))
    elif choice is None or stated is None:
        return _NOTHING
    else:
        pointer = Pointer(version=stated["version"], manifest_sha256=stated["manifest_sha256"])
    artefact = model_registry(container).artefact(inputs.document["model_name"], pointer)
    return InUse(load_model(artefact), artefact.manifest, pointer)
