"""The versions of the model that policies name: loaded before they decide, and released."""

from collections.abc import Iterator
from dataclasses import replace
from math import isnan
from time import monotonic, sleep

import pytest

from risksentinel.adapters.models.cached_fraud_model import LEAST, CachedFraudModel
from risksentinel.adapters.models.cached_model import CachedModel, Source
from risksentinel.adapters.models.policy_models import UNUSED, OneVersion, PolicyModels
from risksentinel.domain.model_version import ModelArtefact, Pointer
from risksentinel.domain.policy_version import PROMOTED
from risksentinel.domain.signal import Absence, Reading, Silent
from risksentinel.errors import Misconfigured
from risksentinel.ports.opinions import Edition, ShadowEdition
from risksentinel.scoring.policy import Policy
from tests.adapters.models.caches import QUICKLY, SOON
from tests.adapters.models.forests import artefact, publish, stump
from tests.adapters.models.storages import FolderStorage
from tests.adapters.models.test_cached_fraud_model import (
    UNUSUAL,
    USUAL,
    amount_alone,
    facts,
    in_words,
    load,
)

GONE = Pointer(version="gone", manifest_sha256="0" * 64)


class Opened:
    """PolicyModels on a folder, which counts the loads of each version."""

    def __init__(self, folder: FolderStorage, name: str) -> None:
        self.loads: list[str] = []
        self.folder, self.name = folder, name
        registry = folder.registry
        self.models = PolicyModels(
            self.fraud_model(registry),
            lambda pointer: self.fraud_model(OneVersion(registry, pointer)),
            Policy(ml_weight=0.0),
        )

    def fraud_model(self, source: Source) -> CachedFraudModel:
        """One model of the name."""

        def loaded(of: ModelArtefact) -> object:
            self.loads.append(of.manifest.version)
            return load(of)

        cached = CachedModel(
            source, self.name, loaded, refresh_seconds=QUICKLY, first_load_seconds=SOON
        )
        return CachedFraudModel(cached, amount_alone, in_words)  # type: ignore[arg-type]

    def published(self, version: str, *, contrary: bool = False) -> str:
        """Publish a version; the text that names it."""
        model = stump(low=1.0, high=0.0) if contrary else stump()
        of = artefact(model, version=version, name=self.name)
        publish(self.folder.registry, of)
        return of.pointer.choice

    def version_of(self, choice: str) -> str:
        """The version whose opinion a payment gets."""
        (said,) = self.models.risks(facts(UNUSUAL), choice)
        assert isinstance(said, Reading), said
        return str(said.details["model"]["version"])

    def until_loaded(self, *versions: str) -> None:
        """Wait until these were loaded, in any order."""
        until = monotonic() + SOON
        while sorted(self.loads) != sorted(versions):
            assert monotonic() < until, self.loads
            sleep(QUICKLY)


@pytest.fixture
def opened(folder: FolderStorage, name: str) -> Iterator[Opened]:
    """The models of one name."""
    found = Opened(folder, name)
    yield found
    found.models.close()


def live(model: str | None, shadow: str | None = None) -> Edition:
    """An edition whose live policy, and the one in shadow, have these models."""
    beside = None
    if shadow is not None:
        beside = ShadowEdition(2, 1, (), Policy().choosing(shadow))
    return Edition((), Policy().choosing(model), beside)


def test_each_policy_gets_the_opinion_of_its_model(opened: Opened) -> None:
    """Champion and challenger decide the same payment, each with its own version."""
    one, two = opened.published("v1"), opened.published("v2", contrary=True)
    opened.folder.registry.promote(opened.name, "v1")
    opened.models.follow(live(PROMOTED, two))

    (promoted,) = opened.models.risks(facts(UNUSUAL), PROMOTED)
    (first,) = opened.models.risks(facts(UNUSUAL), one)
    (second,) = opened.models.risks(facts(UNUSUAL), two)

    assert promoted == first != second
    assert isinstance(second, Reading)
    assert second.details["model"]["manifest_sha256"] == Pointer.of(two).manifest_sha256


def test_a_version_in_shadow_is_loaded_before_a_payment_asks(opened: Opened) -> None:
    """Its promotion is in force at once: no payment waits for the load."""
    two = opened.published("v2")

    opened.models.follow(live(None, two))
    opened.until_loaded("v2")
    opened.models.follow(live(two))

    assert opened.version_of(two) == "v2"
    assert opened.loads == ["v2"]


def test_a_rollback_right_after_a_promotion_finds_its_version_loaded(opened: Opened) -> None:
    """It is needed when something is wrong."""
    one, two = opened.published("v1"), opened.published("v2")
    opened.models.follow(live(one))
    opened.models.follow(live(two))
    opened.until_loaded("v1", "v2")

    opened.models.follow(live(one))

    assert opened.version_of(one) == "v1"
    assert len(opened.loads) == 2


def test_a_version_that_no_policy_names_is_released(opened: Opened) -> None:
    """It would stay in memory until the process ends."""
    one, two = opened.published("v1"), opened.published("v2")
    opened.models.follow(live(one))
    opened.until_loaded("v1")
    opened.models.follow(live(two))
    opened.models.follow(live(two))
    opened.until_loaded("v1", "v2")

    assert opened.version_of(one) == "v1"

    assert opened.loads.count("v1") == 2


def test_a_bounded_number_of_versions_is_in_memory(opened: Opened) -> None:
    """Payments of past editions ask for versions that no policy names any more."""
    live_one = opened.published("v0")
    opened.models.follow(live(live_one))
    others = [opened.published(f"w{number}") for number in range(6)]  # more than are kept

    for choice in others:
        opened.version_of(choice)
    opened.version_of(live_one)

    assert opened.loads.count("v0") == 1
    assert opened.version_of(others[0]) == "w0"
    assert opened.loads.count("w0") == 2


@pytest.mark.parametrize("contents", [None, b"no model"])
def test_a_version_that_cannot_be_loaded_is_missing_and_degraded(
    opened: Opened, contents: bytes | None
) -> None:
    """Its silence is a missing source: payments are reviewed, never taken for usual ones."""
    choice = GONE.choice
    if contents is not None:
        of = artefact(contents, version="broken", name=opened.name)
        publish(opened.folder.registry, of)
        choice = of.pointer.choice
    opened.published("v1")
    opened.folder.registry.promote(opened.name, "v1")
    opened.models.follow(live(choice))

    (said,) = opened.models.risks(facts(UNUSUAL), choice)

    assert isinstance(said, Silent)
    assert said.absence is Absence.MISSING
    assert opened.models.is_faulty()
    assert not opened.models.is_in_use()
    with pytest.raises(Misconfigured, match="cannot be used"):
        opened.models.check()


def test_a_replaced_version_is_missing(opened: Opened) -> None:
    """A writer of the storage must not decide payments with a model that no person approved."""
    choice = opened.published("v1")
    another = Pointer(version="v1", manifest_sha256="1" * 64).choice
    opened.models.follow(live(another))

    assert opened.version_of(choice) == "v1"
    (said,) = opened.models.risks(facts(UNUSUAL), another)
    assert isinstance(said, Silent)
    assert said.absence is Absence.MISSING


def test_a_text_that_names_no_version_is_missing_and_degraded(opened: Opened) -> None:
    """It cannot be stored, and must not fail open if it is."""
    opened.models.follow(live("v1"))

    assert opened.models.risks(facts(UNUSUAL), "v1")[0] == Silent(
        "the policy names no version of the model", absence=Absence.MISSING
    )
    assert opened.models.is_faulty()
    with pytest.raises(Misconfigured):
        opened.models.check()


def test_a_broken_model_in_shadow_is_reported_with_its_place(opened: Opened) -> None:
    """The comparison would be one with a model that is not there."""
    one = opened.published("v1")
    opened.models.follow(live(one, GONE.choice))
    assert opened.version_of(one) == "v1"
    opened.models.risks(facts(UNUSUAL), GONE.choice)

    with pytest.raises(Misconfigured, match="of the version in shadow: degraded"):
        opened.models.check()
    assert not opened.models.is_faulty()


def test_drift_and_state_are_of_the_model_that_decides(opened: Opened) -> None:
    """Opinions in shadow must not move the figures of the live model."""
    one, two = opened.published("v1"), opened.published("v2")
    opened.models.follow(live(one, two))
    opened.models.risks(facts(UNUSUAL) * LEAST, two)
    assert isnan(opened.models.score_drift())

    opened.models.risks(facts(USUAL) * LEAST, one)
    of_usual = opened.models.feature_drift()
    opened.models.follow(live(two))

    assert opened.models.feature_drift() > of_usual
    assert opened.models.is_in_use()


def test_without_weight_in_the_live_policy_no_model_is_read(opened: Opened) -> None:
    """The settings of the process do not decide, the live policy does."""
    two = opened.published("v2")
    opened.models.follow(Edition((), replace(Policy(model=two), ml_weight=0.0)))

    assert opened.models.check() == UNUSED
    assert not opened.models.is_faulty()
    assert not opened.models.is_in_use()
    assert isnan(opened.models.score_drift())
    assert opened.loads == []
