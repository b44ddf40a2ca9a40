"""The opinions of the model in use, whatever the state of the model."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import isnan

import pytest

from risksentinel.adapters.models.cached_fraud_model import (
    LEAST,
    CachedFraudModel,
    FeatureRow,
    ServedModel,
)
from risksentinel.adapters.models.cached_model import CachedModel
from risksentinel.adapters.models.onnx_model import onnx_model
from risksentinel.domain.model_version import Manifest, ModelArtefact
from risksentinel.domain.signal import Absence, Reading, Silent
from risksentinel.domain.transaction import Transaction
from risksentinel.errors import Misconfigured
from risksentinel.scoring.facts import Facts
from tests.adapters.models.caches import QUICKLY, SOON, becomes
from tests.adapters.models.forests import AMOUNT, artefact, publish, stump
from tests.adapters.models.storages import FolderStorage
from tests.usecases.payments import paid

UNUSUAL, USUAL, AWAY = paid("p-1", "5000.00"), paid("p-2", "10.00"), paid("p-3")
NOT_KNOWN = Silent("the history store did not answer")


def facts(*payments: Transaction) -> list[Facts]:
    """The facts of payments; the history of AWAY is unknown."""
    return [Facts(payment, NOT_KNOWN, ()) for payment in payments]


def amount_alone(batch: Sequence[Facts], _: Manifest) -> Sequence[FeatureRow | Silent]:
    """The one feature, in rand; missing where the amount is nothing."""
    rand = [float(each.transaction.amount.amount) for each in batch]
    return [
        NOT_KNOWN if each.transaction is AWAY else (figure or float("nan"),)
        for each, figure in zip(batch, rand, strict=True)
    ]


def in_words(row: FeatureRow) -> Sequence[str]:
    """Without a known history there is no reason."""
    return () if isnan(row[0]) else ("a large amount",)


def load(of: ModelArtefact) -> ServedModel:
    """As a function loads its model."""
    return onnx_model(of, AMOUNT)


@contextmanager
def caches(folder: FolderStorage, name: str) -> Iterator[CachedModel[ServedModel]]:
    """A cache that polls continuously."""
    cached: CachedModel[ServedModel] = CachedModel(
        folder.registry, name, load, refresh_seconds=QUICKLY, first_load_seconds=SOON
    )
    yield cached
    cached.close()


def release(folder: FolderStorage, of: ModelArtefact) -> None:
    """Publish and promote a version."""
    publish(folder.registry, of)
    folder.registry.promote(of.manifest.name, of.manifest.version)


def test_an_opinion_names_its_version_and_its_features(folder: FolderStorage, name: str) -> None:
    """The receipt must suffice to compute the opinion again and to measure drift."""
    of = artefact(name=name)
    release(folder, of)

    with caches(folder, name) as cached:
        unusual, usual = CachedFraudModel(cached, amount_alone, in_words).risks(
            facts(UNUSUAL, paid("p-0", "0.00"))
        )

    assert isinstance(unusual, Reading)
    assert isinstance(usual, Reading)
    assert unusual.risk == 1.0
    assert unusual.reasons[0].startswith("a large amount (more anomalous than")
    assert usual.reasons[0].startswith("more anomalous than")
    assert usual.risk == pytest.approx(1 / 3, abs=1e-6)
    assert unusual.details["features"] == {"amount_zar": 5_000.0}
    assert usual.details["features"] == {"amount_zar": None}
    assert unusual.details["model"] == {
        "name": name,
        "version": "v1",
        "kind": "isolation_forest",
        "manifest_sha256": of.pointer.manifest_sha256,
    }


def test_a_payment_without_features_is_silent_for_itself(folder: FolderStorage, name: str) -> None:
    """Its neighbours in the batch have a history."""
    release(folder, artefact(name=name))

    with caches(folder, name) as cached:
        first, second, third = CachedFraudModel(cached, amount_alone, in_words).risks(
            facts(AWAY, UNUSUAL, AWAY)
        )

    assert first == third == NOT_KNOWN
    assert isinstance(second, Reading)


def test_without_a_model_every_payment_gets_the_reason(folder: FolderStorage, name: str) -> None:
    """No model is no fault, and no zero."""
    with caches(folder, name) as cached:
        model = CachedFraudModel(cached, amount_alone, in_words)

        assert model.risks(facts(UNUSUAL, USUAL)) == [Silent("no model is promoted")] * 2
        assert model.risks([]) == []
        assert model.check() == "none"
        assert not model.is_faulty()
        assert not model.is_in_use()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (artefact(stump()[:200], version="v2"), "cut off"),
        (artefact(b"\x80\x04a pickle", version="v2"), r"model\.onnx"),
        (artefact(features=("amount_zar", "count_5m"), version="v2"), "count_5m"),
        (artefact(quantiles=(), version="v2"), "score_quantiles"),
    ],
    ids=["truncated", "foreign", "other features", "no quantiles"],
)
def test_a_version_that_cannot_be_served_leaves_the_last_good_one(
    folder: FolderStorage, name: str, wrong: ModelArtefact, why: str
) -> None:
    """Payments continue with the previous model, and readiness reports it."""
    manifest = wrong.manifest.model_copy(update={"name": name})
    release(folder, artefact(name=name))
    with caches(folder, name) as cached:
        model = CachedFraudModel(cached, amount_alone, in_words)
        becomes(cached, "ok", "v1")

        folder.registry.publish(manifest, {"model.onnx": wrong.model})
        folder.registry.promote(name, "v2")
        becomes(cached, "degraded", "v1")

        with pytest.raises(Misconfigured, match=why):
            model.check()
        assert model.is_faulty()
        assert model.is_in_use()
        (said,) = model.risks(facts(UNUSUAL))
        assert isinstance(said, Reading)
        assert said.details["model"]["version"] == "v1"

        folder.registry.rollback(name)
        becomes(cached, "ok", "v1")
        assert model.check() == "ok"
        assert not model.is_faulty()


def test_a_model_that_fails_is_silent(folder: FolderStorage, name: str) -> None:
    """An authorisation is not answered with the model's own trouble."""

    class Broken:
        def judge(self, rows: Sequence[FeatureRow]) -> object:
            raise RuntimeError(f"{len(rows)} rows too many")

    release(folder, artefact(name=name))
    cached: CachedModel[ServedModel] = CachedModel(
        folder.registry,
        name,
        lambda _: Broken(),  # type: ignore[arg-type,return-value]  # it is broken
        refresh_seconds=QUICKLY,
    )

    assert CachedFraudModel(cached, amount_alone, in_words).risks(facts(UNUSUAL)) == [
        Silent("the model failed", absence=Absence.MISSING)
    ]
    cached.close()


def test_drift_is_read_from_the_last_payments(folder: FolderStorage, name: str) -> None:
    """Payments as in training have no drift; twice as many anomalous ones have."""
    release(folder, artefact(name=name))
    with caches(folder, name) as cached:
        model = CachedFraudModel(cached, amount_alone, in_words)
        model.risks(facts(UNUSUAL) * (LEAST - 1))
        few = model.score_drift(), model.feature_drift()
        model.risks(facts(USUAL) * (3 * LEAST - 3))
        same = model.score_drift(), model.feature_drift()
        model.risks(facts(UNUSUAL) * 2_000)
        moved = model.score_drift(), model.feature_drift()

    assert all(isnan(index) for index in few)
    assert max(same) < 0.01
    assert min(moved) > 0.25
