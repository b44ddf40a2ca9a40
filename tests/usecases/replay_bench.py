"""A scorer on a SQL ledger with the default rules, and the verifier of its decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

import numpy as np
from hypothesis import strategies as st
from sqlalchemy import Engine

from ml.export import exported
from ml.trees import Ensemble, Tree
from risksentinel.adapters.memory.history import MemoryHistory
from risksentinel.adapters.models.cached_fraud_model import CachedFraudModel, ServedModel
from risksentinel.adapters.models.cached_model import InUse
from risksentinel.adapters.models.past_models import RegistryModels
from risksentinel.adapters.models.policy_models import PolicyModels
from risksentinel.adapters.sql.ledger import SqlLedger
from risksentinel.assembly.decisions import as_json
from risksentinel.assembly.model_features import features_of, load_model
from risksentinel.domain.model_version import ModelArtefact, Pointer
from risksentinel.domain.money import Money
from risksentinel.domain.transaction import Channel, Rail, Transaction
from risksentinel.errors import NotFound
from risksentinel.ports.opinions import FraudModel
from risksentinel.scoring.features.reasons import reasons
from risksentinel.scoring.features.table import NAMES
from risksentinel.scoring.policy import Policy
from risksentinel.usecases.decide_payments import DecidePayments
from risksentinel.usecases.explain_counterfactual import ExplainCounterfactual
from risksentinel.usecases.gather_facts import Scoring
from risksentinel.usecases.past_bases import PastBases
from risksentinel.usecases.score_transactions import ScoreTransactions
from risksentinel.usecases.verify_decisions import VerifyDecisions
from tests.adapters.models.forests import artefact
from tests.fakes.meter import RememberingMeter
from tests.fakes.scoring import FixedLists, FixedModel, FixedRules
from tests.replayed import DecisionsOfTests
from tests.strategies import NOW

TREES = 40


@cache
def forest() -> ModelArtefact:
    """A forest of random trees over all features, as serving gets it."""
    chance = np.random.default_rng(5)

    def tree() -> Tree:
        on = chance.integers(0, len(NAMES), 3)
        return Tree(
            feature=np.array([*on, 0, 0, 0, 0]),
            threshold=np.array([*chance.lognormal(sigma=2, size=3), 0.0, 0.0, 0.0, 0.0]),
            left=np.array([1, 3, 5, -1, -1, -1, -1]),
            right=np.array([2, 4, 6, -1, -1, -1, -1]),
            missing_left=chance.random(7) < 0.5,
            value=np.array([0.0, 0.0, 0.0, *chance.random(4) / TREES]),
        )

    body = exported(Ensemble(tuple(tree() for _ in range(TREES))), len(NAMES))
    return artefact(body, features=tuple(NAMES), quantiles=tuple(np.linspace(0, 1, 101).tolist()))


@cache
def loaded() -> InUse[ServedModel]:
    """The forest, loaded."""
    of = forest()
    return InUse(load_model(of), of.manifest, of.pointer)


def named() -> str:
    """The text with which a policy names the forest."""
    return forest().pointer.choice


class _InUse:
    """Meets what CachedFraudModel uses of CachedModel."""

    def current(self) -> InUse[ServedModel]:
        """The forest."""
        return loaded()


def _models(policy: Policy) -> PolicyModels:
    """The forest, promoted and as a version that a policy names."""

    def opened(_: object) -> CachedFraudModel:
        return CachedFraudModel(_InUse(), features_of, reasons)  # type: ignore[arg-type] # what it uses

    return PolicyModels(opened(None), opened, policy)


@dataclass
class OneModel:
    """A registry with one version, or with none."""

    there: bool = True

    def artefact(self, _name: str, pointer: Pointer) -> ModelArtefact:
        """The version. Raises NotFound."""
        if not self.there or pointer != forest().pointer:
            raise NotFound("no such version")
        return forest()


def scorer(engine: Engine, *, with_model: bool, policy: Policy | None = None) -> ScoreTransactions:
    """The use case on this database."""
    model: FraudModel = _models(policy or Policy()) if with_model else FixedModel()
    history, numbers = MemoryHistory(timedelta(seconds=300)), count()
    scoring = Scoring(
        FixedRules(policy=policy or Policy()),
        history,
        model,
        policy or Policy(),
        RememberingMeter(),
        FixedLists(),
    )
    deciding = DecidePayments(scoring)
    return ScoreTransactions(
        deciding, SqlLedger(engine), lambda: NOW, lambda: f"id-{next(numbers)}"
    )


def verifier(engine: Engine, *, has_model: bool = True) -> VerifyDecisions:
    """The verifier of this database."""
    decisions = DecisionsOfTests(engine)
    models = RegistryModels(OneModel(has_model), load_model, reasons)  # type: ignore[arg-type] # what it uses
    return VerifyDecisions(decisions, models, PastBases(decisions), as_json)


def explainer(engine: Engine) -> ExplainCounterfactual:
    """The use case that says what would be milder."""
    decisions = DecisionsOfTests(engine)
    return ExplainCounterfactual(decisions, PastBases(decisions))


def _payment(stated: Mapping[str, Any]) -> Transaction:
    at = NOW - timedelta(minutes=stated["ago"])
    added = stated["added"]
    return Transaction(
        id=f"p-{stated['id']}",
        sender_id=stated["sender"],
        receiver_id=stated["receiver"],
        amount=Money.of_cents(stated["cents"]),
        channel=stated["channel"],
        occurred_at=at,
        rail=stated["rail"],
        device_id=stated["device"],
        beneficiary_added_at=None if added is None else at - timedelta(hours=added),
    )


_stated = st.fixed_dictionaries(
    {
        "id": st.integers(0, 10**9),
        "ago": st.integers(0, 60 * 24 * 9),
        "sender": st.sampled_from(["a", "b"]),
        "receiver": st.sampled_from(["b", "c", "d", "e"]),
        "cents": st.integers(1, 10_000_000) | st.sampled_from([4_500_000, 12_000_000, 99_900]),
        "channel": st.sampled_from(
            [Channel.MOBILE_BANKING, Channel.BRANCH, Channel.POS, Channel.INTERNET_BANKING]
        ),
        "rail": st.none() | st.sampled_from([Rail.CASH, Rail.PAYSHAP, Rail.EFT]),
        "device": st.none() | st.sampled_from(["phone", "laptop"]),
        "added": st.none() | st.integers(0, 80),
    }
)
sequences = st.lists(_stated, min_size=1, max_size=14, unique_by=lambda each: each["id"]).map(
    lambda several: sorted(map(_payment, several), key=lambda payment: payment.occurred_at)
)


def scored_one_by_one_and_together(score: ScoreTransactions, paid: Sequence[Transaction]) -> None:
    """Score the first half payment by payment, and the rest as one batch."""
    half = len(paid) // 2
    for payment in paid[:half]:
        score([payment], "/test", {})
    if paid[half:]:
        score(paid[half:], "/test", {})
