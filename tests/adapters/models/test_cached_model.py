"""The cache keeps the last loaded model, reports it, and loads a new one by itself."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import monotonic, sleep

import pytest
from structlog.testing import capture_logs

from risksentinel.adapters.models import cached_model
from risksentinel.adapters.models.cached_model import CachedModel, InUse
from risksentinel.domain.model_version import ModelArtefact, Pointer
from risksentinel.domain.signal import Silent
from risksentinel.errors import Rejected, Unavailable
from tests.adapters.models.caches import QUICKLY, becomes, cache, in_use, said
from tests.adapters.models.storages import FolderStorage
from tests.adapters.models.versions import release
from tests.timing import assert_within, in_time

BUDGET = 0.2
PAYMENTS = 50


def test_the_first_question_is_answered_with_the_promoted_model(
    folder: FolderStorage, name: str
) -> None:
    """The first payment after a cold start deserves the model too."""
    pointer = release(folder.registry, name, "v1")

    with cache(folder.registry, name) as cached:
        found = cached.current()

    assert isinstance(found, InUse)
    assert (found.model, found.pointer, found.manifest.version) == ("model v1", pointer, "v1")
    assert cached.state().status == "ok"


def test_a_promotion_is_taken_up_without_a_restart(folder: FolderStorage, name: str) -> None:
    """A new model needs no restart, and one log line names the model in use."""
    release(folder.registry, name, "v1")

    with capture_logs() as logs, cache(folder.registry, name) as cached:
        assert in_use(cached) == "model v1"
        release(folder.registry, name, "v2")
        becomes(cached, "ok", "v2")

        assert in_use(cached) == "model v2"
    assert said(logs, name) == [("model.in_use", "info"), ("model.in_use", "info")]


def test_without_a_model_the_signal_is_silent_until_there_is_one(
    folder: FolderStorage, name: str
) -> None:
    """A new installation has no model, which is no error; readiness reports it all the same."""
    with capture_logs() as logs, cache(folder.registry, name) as cached:
        assert cached.current() == Silent("no model is promoted")
        assert cached.state().status == "none"

        release(folder.registry, name, "v1")
        becomes(cached, "ok", "v1")

        assert in_use(cached) == "model v1"
    assert said(logs, name) == [("model.absent", "info"), ("model.in_use", "info")]


@in_time
def test_a_slow_load_costs_the_first_payments_their_budget_once(
    folder: FolderStorage, name: str
) -> None:
    """An authorisation has a second or two in all, and the model is one opinion of four."""
    loaded = Event()
    release(folder.registry, name, "v1")

    def load(artefact: ModelArtefact) -> str:
        loaded.wait()
        return artefact.model.decode()

    with cache(folder.registry, name, load, first_load_seconds=BUDGET) as cached:
        first, first_took = _timed(cached, 1)
        later, later_took = _timed(cached, PAYMENTS)
        loaded.set()
        becomes(cached, "ok", "v1")

        assert first | later == {Silent("model is loading").reason}
        assert first_took > BUDGET / 2
        assert_within(later_took, PAYMENTS * BUDGET / 2)
        assert in_use(cached) == "model v1"


def test_a_registry_that_hangs_is_told(
    folder: FolderStorage, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network drive can block a read without end, and the thread with it."""
    release(folder.registry, name, "v1")
    over = Event()
    with cache(folder.registry, name) as cached:
        assert in_use(cached) == "model v1"

        monkeypatch.setattr(cached_model, "OVERDUE_SECONDS", 0.1)
        monkeypatch.setattr(folder.registry, "promoted", lambda _: over.wait())
        state = becomes(cached, "degraded", "v1")

        assert "not answered" in state.reason
        assert in_use(cached) == "model v1"
        cached.close()
        over.set()


def test_many_first_payments_load_one_model(folder: FolderStorage, name: str) -> None:
    """A burst after a cold start must not fetch the model once a request."""
    loads = []

    def load(artefact: ModelArtefact) -> str:
        loads.append(artefact)
        sleep(QUICKLY)
        return artefact.model.decode()

    release(folder.registry, name, "v1")
    with cache(folder.registry, name, load) as cached, ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: in_use(cached), range(32)))

    assert set(found) == {"model v1"}
    assert len(loads) == 1


def test_payments_see_a_model_under_its_own_name_while_others_are_promoted(
    folder: FolderStorage, name: str
) -> None:
    """The explanation names the version that gave the score, and no other."""
    for version in ("v1", "v2"):
        release(folder.registry, name, version)
    over = Event()

    def score(cached: CachedModel[str]) -> set[tuple[str, str]]:
        seen = set()
        while not over.is_set():
            found = cached.current()
            assert isinstance(found, InUse)
            seen.add((found.manifest.version, found.model))
            sleep(0.001)
        return seen

    with cache(folder.registry, name) as cached, ThreadPoolExecutor(2) as threads:
        readers = [threads.submit(score, cached) for _ in range(2)]
        for turn in range(50):
            folder.registry.promote(name, f"v{turn % 2 + 1}")
            sleep(QUICKLY / 2)
        over.set()

    assert readers[0].result() | readers[1].result() == {("v1", "model v1"), ("v2", "model v2")}


def _timed(cached: CachedModel[str], payments: int) -> tuple[set[str], float]:
    """The reason without a model, and the seconds until it was answered."""
    began = monotonic()
    answers = [cached.current() for _ in range(payments)]
    reasons = {answer.reason for answer in answers if isinstance(answer, Silent)}
    return reasons, monotonic() - began


def test_a_version_that_is_not_recorded_as_promoted_is_not_loaded(
    folder: FolderStorage, name: str
) -> None:
    """The pointer in the storage is not signed: the database decides, and is asked again."""
    allowed = {release(folder.registry, name, "v1")}

    class Recorded:
        def require(self, _name: str, pointer: Pointer) -> None:
            if pointer not in allowed:
                raise Rejected("no such promotion")

    with cache(folder.registry, name, recorded=Recorded()) as cached:
        assert in_use(cached) == "model v1"
        forged = release(folder.registry, name, "v2")
        state = becomes(cached, "degraded")
        assert (state.version, state.reason, in_use(cached)) == (
            "v1",
            "no such promotion",
            "model v1",
        )

        allowed.add(forged)
        becomes(cached, "ok", "v2")


def test_a_database_that_does_not_answer_changes_no_model(folder: FolderStorage, name: str) -> None:
    """Unknown is not approved; the question is put again at the next refresh."""
    release(folder.registry, name, "v1")
    answers = Event()

    class Recorded:
        def require(self, _name: str, _pointer: Pointer) -> None:
            if not answers.is_set():
                raise Unavailable("database")

    with cache(folder.registry, name, recorded=Recorded()) as cached:
        assert in_use(cached) is None
        assert cached.state().faulty

        answers.set()
        becomes(cached, "ok", "v1")
