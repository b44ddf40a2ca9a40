"""Promotions and their way back, on every storage."""

import pytest

from risksentinel.adapters.models.documents import digest
from risksentinel.adapters.models.stored_registry import StoredModelRegistry
from risksentinel.domain.model_version import Rival
from risksentinel.errors import Conflict, NotFound
from risksentinel.usecases.promote_model import PromoteModel
from tests.adapters.models.forests import artefact, publish
from tests.adapters.models.storages import Storage
from tests.adapters.models.versions import release


def test_a_rollback_goes_to_what_was_promoted_before(
    registry: StoredModelRegistry, name: str
) -> None:
    """The previously published version may never have been in use."""
    for version in ("v3", "v1", "v2"):
        release(registry, name, version)

    first = registry.rollback(name)
    second = registry.rollback(name)

    assert (first.version, second.version) == ("v1", "v3")
    assert registry.promoted(name) == second
    with pytest.raises(NotFound, match="no version was promoted before"):
        registry.rollback(name)
    assert registry.promoted(name) == second


def test_a_repeated_promotion_is_no_step_on_the_way_back(
    registry: StoredModelRegistry, name: str
) -> None:
    """After a repeated promotion a rollback must not select the same version."""
    release(registry, name, "v1")
    release(registry, name, "v2")
    registry.promote(name, "v2")

    assert registry.rollback(name).version == "v1"


def test_nothing_is_rolled_back_before_the_first_promotion(
    registry: StoredModelRegistry, name: str
) -> None:
    """An operator with the wrong bucket gets an error."""
    with pytest.raises(NotFound):
        registry.rollback(name)


def test_a_rollback_to_what_cannot_be_served_is_refused(storage: Storage, name: str) -> None:
    """After a deletion of the old version the version in use stays."""
    release(storage.registry, name, "v1")
    now = release(storage.registry, name, "v2")
    storage.remove(f"models/{name}/v1/model.onnx")

    with pytest.raises(NotFound):
        storage.registry.rollback(name)

    assert storage.registry.promoted(name) == now


@pytest.mark.parametrize(
    ("metrics", "told"),
    [
        ({"ap": 0.39, "auc": 0.99}, "ap 0.3900, not 0.4000"),
        ({"ap": 0.4, "auc": 0.8}, "auc 0.8000, not 0.9000"),
        ({"auc": 0.99}, "was not evaluated"),
        ({}, "was not evaluated"),
    ],
)
def test_a_worse_version_is_promoted_by_force_only(
    registry: StoredModelRegistry, name: str, metrics: dict[str, float], told: str
) -> None:
    """A failed training must not reach payments by mistake."""
    promote = PromoteModel(registry)
    champion = artefact(name=name, metrics={"ap": 0.4, "auc": 0.9})
    publish(registry, champion)
    publish(registry, artefact(name=name, version="v2", metrics=metrics))
    promote(name, "v1", force=False)

    with pytest.raises(Conflict, match=told):
        promote(name, "v2", force=False)
    assert registry.promoted(name) == champion.pointer

    assert promote(name, "v2", force=True).version == "v2"


def test_a_version_that_no_function_would_serve_is_refused(
    registry: StoredModelRegistry, name: str
) -> None:
    """Otherwise readiness would report it a second later, on every function."""
    publish(registry, artefact(name=name, measured_by=None))

    with pytest.raises(Conflict, match="does not say by which clocks"):
        PromoteModel(registry)(name, "v1", force=False)


@pytest.mark.parametrize("evaluated_on", [digest(b"other payments"), None])
def test_figures_of_other_payments_do_not_compare(
    registry: StoredModelRegistry, name: str, evaluated_on: str | None
) -> None:
    """A better figure on an easier week is no better model."""
    promote = PromoteModel(registry)
    publish(registry, artefact(name=name, metrics={"ap": 0.4}, evaluated_on=evaluated_on))
    publish(registry, artefact(name=name, version="v2", metrics={"ap": 0.9}))
    promote(name, "v1", force=False)

    with pytest.raises(Conflict, match=r"on other payments.*models fetch FOLDER.*--against FOLDER"):
        promote(name, "v2", force=False)

    assert promote(name, "v1", force=False).version == "v1"
    assert promote(name, "v2", force=True).version == "v2"


@pytest.mark.parametrize(
    ("rival", "told"),
    [
        (Rival(version="v1", metrics={"ap": 0.29}), None),
        (Rival(version="v1", metrics={"ap": 0.31}), "worse than the promoted v1: ap 0.3000"),
        (Rival(version="v1", metrics={}), "on other payments"),
        (Rival(version="v0", metrics={"ap": 0.1}), "on other payments"),
    ],
)
def test_a_version_that_was_trained_against_the_promoted_one_compares(
    registry: StoredModelRegistry, name: str, rival: Rival, told: str | None
) -> None:
    """This week's payments are harder: the promoted one finds less in them too."""
    promote = PromoteModel(registry)
    publish(registry, artefact(name=name, metrics={"ap": 0.4}))
    here = digest(b"this week's payments")
    challenger = artefact(
        name=name, version="v2", metrics={"ap": 0.3}, evaluated_on=here, rival=rival
    )
    publish(registry, challenger)
    promote(name, "v1", force=False)

    if told is None:
        assert promote(name, "v2", force=False).version == "v2"
    else:
        with pytest.raises(Conflict, match=told):
            promote(name, "v2", force=False)


@pytest.mark.parametrize(
    "metrics",
    [{"ap": 0.41, "auc": 0.1}, {"ap": 0.4, "auc": 0.9, "rows": 1.0}],
)
def test_a_version_that_is_as_good_is_promoted(
    registry: StoredModelRegistry, name: str, metrics: dict[str, float]
) -> None:
    """The same figures on newer payments are a reason to go on."""
    publish(registry, artefact(name=name, metrics={"ap": 0.4, "auc": 0.9}))
    publish(registry, artefact(name=name, version="v2", metrics=metrics))
    promote = PromoteModel(registry)
    promote(name, "v1", force=False)

    assert promote(name, "v2", force=False).version == "v2"
