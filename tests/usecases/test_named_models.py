"""A policy names a version of the model only if that can decide."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, update

from risksentinel.adapters.models.registries import open_registry
from risksentinel.adapters.models.stored_registry import StoredModelRegistry
from risksentinel.adapters.sql.engine import open_engine, writing
from risksentinel.adapters.sql.rule_book import SqlRuleBook
from risksentinel.adapters.sql.tables import policy_versions
from risksentinel.domain.policy_version import PROMOTED, PolicyState
from risksentinel.domain.proposal import ProposalKind, ProposalStatus, ProposedChange
from risksentinel.errors import Conflict, Malformed, Misconfigured, Unavailable
from risksentinel.ports.model_registry import ModelRegistry
from risksentinel.scoring.policy_contents import contents_document, contents_of
from tests.adapters.models.forests import artefact, publish
from tests.adapters.sql.rule_books import Watch
from tests.usecases.four_eyes import NOW, named_models
from tests.usecases.policy_bench import OWN, Versions


class Storage:
    """A registry in a folder that a test can take away."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.away = folder, False
        self.registry: StoredModelRegistry = open_registry(str(folder))

    def __call__(self) -> ModelRegistry:
        """The registry. Raises Unavailable."""
        if self.away:
            raise Unavailable("object storage")
        return self.registry

    def publish(self, version: str) -> str:
        """Publish a version; the text that names it."""
        of = artefact(version=version)
        publish(self.registry, of)
        return of.pointer.choice

    def lose(self, version: str) -> None:
        """Delete a version."""
        for file in (self.folder / "models" / "payments" / version).iterdir():
            file.unlink()


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    """An empty registry."""
    return Storage(tmp_path)


@pytest.fixture
def versions(sqlite_url: str, storage: Storage) -> Versions:
    """An empty database after the first start."""
    found = Versions(open_engine(sqlite_url), storage)
    found.start()
    return found


def test_a_name_is_stored_with_the_digest_of_its_manifest(
    versions: Versions, storage: Storage
) -> None:
    """A person approves these bytes, and not a name."""
    choice = storage.publish("v3")

    draft = versions.naming("v3")

    assert draft.contents["model"] == choice
    assert versions.naming(choice).contents["model"] == choice
    assert versions.records.policy(draft.number).contents["model"] == choice


def test_a_version_that_is_not_published_is_refused_with_those_that_are(
    versions: Versions, storage: Storage
) -> None:
    """The author sees what to write."""
    storage.publish("v3")

    with pytest.raises(Malformed, match=r"contents\.model: .*v4.*published.*: v3"):
        versions.naming("v4")
    with pytest.raises(Malformed, match="another digest"):
        versions.naming("v3@sha256:" + "0" * 64)


def test_a_version_that_this_release_cannot_serve_is_refused(
    versions: Versions, storage: Storage
) -> None:
    """Its promotion would leave all payments without a model."""

    def refuse(_: object) -> None:
        raise Malformed("the features are not those of this release")

    storage.publish("v3")
    check = named_models(versions.engine, storage)
    refusing = type(check)(check.records, check.registry, check.model_name, refuse)

    with pytest.raises(Malformed, match="cannot decide: the features"):
        refusing.chosen("v3")


STEPS: dict[str, Callable[[Versions, int], object]] = {
    "shadow": lambda versions, number: versions.manage.shadow(number, None, "thandi"),
    "promote": lambda versions, number: versions.manage.promote(number, "thandi"),
    "propose": lambda versions, number: versions.cases.propose(promotion(number), "thandi"),
}


def promotion(number: int) -> ProposedChange:
    """The proposed promotion of a version of the policy."""
    return ProposedChange(ProposalKind.POLICY_PROMOTION, str(number), {"number": number})


@pytest.mark.parametrize("step", STEPS)
def test_a_lost_version_stops_each_step(versions: Versions, storage: Storage, step: str) -> None:
    """A draft may be older than the loss."""
    storage.publish("v3")
    number = versions.naming("v3").number
    storage.lose("v3")

    with pytest.raises(Conflict, match=f"version {number} of the policy names model v3, which"):
        STEPS[step](versions, number)

    assert versions.records.policy(number).state is PolicyState.DRAFT
    assert versions.live().number == 1


def test_an_approval_is_refused_where_the_version_was_lost_since(
    versions: Versions, storage: Storage
) -> None:
    """The proposal stays pending: the version can be published again."""
    choice = storage.publish("v3")
    number = versions.naming("v3").number
    proposal = versions.cases.propose(promotion(number), "thandi")
    assert proposal.after is not None
    assert proposal.after["model"] == choice
    storage.lose("v3")

    with pytest.raises(Conflict, match="cannot decide"):
        versions.cases.decide.approve(proposal.id, "sipho")
    assert versions.cases.records.proposal(proposal.id).status is ProposalStatus.PENDING

    storage.publish("v3")
    versions.cases.decide.approve(proposal.id, "sipho")
    assert versions.live().contents["model"] == choice


def test_a_rollback_brings_the_model_back(versions: Versions, storage: Storage) -> None:
    """Also while the storage does not answer: the process may have the version in memory."""
    one, two = storage.publish("v1"), storage.publish("v2")
    for name in ("v1", "v2"):
        versions.manage.promote(versions.naming(name).number, "thandi")
    book = SqlRuleBook(versions.engine, Watch(), OWN)
    assert book.edition().policy.model == two
    storage.away = True

    versions.manage.roll_back("too many reviews", "thandi")
    assert versions.live().contents["model"] == one
    versions.manage.roll_back("as at the start", "thandi", to=1)

    assert SqlRuleBook(versions.engine, Watch(), OWN).edition().policy.model == PROMOTED


def test_a_rollback_to_a_lost_version_is_refused(versions: Versions, storage: Storage) -> None:
    """It would put payments without a model in force."""
    storage.publish("v1")
    versions.manage.promote(versions.naming("v1").number, "thandi")
    versions.manage.promote(versions.naming(PROMOTED).number, "thandi")
    storage.lose("v1")

    with pytest.raises(Conflict, match="model v1"):
        versions.manage.roll_back("too many reviews", "thandi")


def test_live_and_shadow_have_their_own_models(versions: Versions, storage: Storage) -> None:
    """Champion and challenger."""
    one, two = storage.publish("v1"), storage.publish("v2")
    versions.manage.promote(versions.naming("v1").number, "thandi")
    versions.manage.shadow(versions.naming("v2").number, None, "thandi")

    edition = SqlRuleBook(versions.engine, Watch(), OWN).edition()

    assert edition.policy.model == one
    assert edition.shadow is not None
    assert edition.shadow.policy.model == two
    document = contents_document(contents_of(versions.live().contents, NOW))
    assert document["model"] == one


def test_a_model_that_was_changed_in_the_database_is_not_in_force(
    versions: Versions, storage: Storage
) -> None:
    """The audit log has the version that was approved."""
    one = storage.publish("v1")
    versions.manage.promote(versions.naming("v1").number, "thandi")
    forge(versions.engine, storage.publish("v2"))

    book = SqlRuleBook(versions.engine, Watch(), OWN)

    assert book.edition().policy.model == one
    with pytest.raises(Misconfigured, match="differs from the audit log"):
        book.is_whole()


def forge(engine: Engine, model: str) -> None:
    """Change the model of the live version in its row."""
    with writing(engine) as connection:
        live = update(policy_versions).where(policy_versions.c.state == "live")
        connection.execute(live.values(model=model))
