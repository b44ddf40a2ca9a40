"""The cache with an object storage that is slow, unavailable, or recovered."""

from collections.abc import Callable, Iterator
from contextlib import closing
from time import monotonic
from urllib.parse import urlsplit

import pytest
from structlog.testing import capture_logs

from risksentinel.adapters.models.cached_model import CachedModel
from risksentinel.adapters.models.stored_registry import StoredModelRegistry
from risksentinel.adapters.objects import s3_client
from risksentinel.domain.signal import Absence, Silent
from tests.adapters.models.caches import becomes, cache, in_use, said
from tests.adapters.models.gate import Gate, gate_before
from tests.adapters.models.storages import S3Storage
from tests.adapters.models.versions import release
from tests.timing import assert_within, in_time

Trouble = Callable[[Gate], None]

PAYMENTS = 200
UNNOTICED = 10.0  # seconds for all of them: a fraction of what waiting would take, on any machine


@pytest.fixture
def gate(s3: S3Storage) -> Iterator[Gate]:
    """The way to the server."""
    address = urlsplit(s3.settings["S3_ENDPOINT_URL"])
    assert address.hostname is not None
    assert address.port is not None
    with gate_before(address.hostname, address.port) as gate:
        yield gate


@pytest.fixture
def behind(
    s3: S3Storage, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StoredModelRegistry]:
    """The registry of a process behind the gate, with short timeouts."""
    monkeypatch.setattr(s3_client, "READ_SECONDS", 0.3)
    with closing(s3.open(endpoint=gate.url)) as registry:
        yield registry


@in_time
@pytest.mark.parametrize("trouble", [Gate.silence, Gate.shut], ids=["silent", "shut"])
def test_no_payment_waits_for_a_storage_in_trouble(
    s3: S3Storage, gate: Gate, behind: StoredModelRegistry, name: str, trouble: Trouble
) -> None:
    """The last loaded model stays in use, and the newest is loaded after the recovery."""
    release(s3.registry, name, "v1")
    with capture_logs() as logs, cache(behind, name) as cached:
        assert in_use(cached) == "model v1"

        trouble(gate)
        took = _time_of_many(cached)
        state = becomes(cached, "degraded", "v1")
        took += _time_of_many(cached)

        assert_within(took, UNNOTICED)
        assert state.reason.startswith("object storage does not answer")
        release(s3.registry, name, "v2")
        gate.open()
        becomes(cached, "ok", "v2")
        assert in_use(cached) == "model v2"
    events = said(logs, name)
    assert events[0] == events[-1] == ("model.in_use", "info")
    assert ("model.kept", "warning") in events


@in_time
def test_a_first_load_from_a_silent_storage_has_a_budget(
    s3: S3Storage, gate: Gate, name: str
) -> None:
    """A pod that starts while the storage hangs scores its first payment all the same."""
    release(s3.registry, name, "v1")
    gate.silence()

    with (
        closing(s3.open(endpoint=gate.url)) as registry,
        cache(registry, name, first_load_seconds=0.1) as cached,
    ):
        began = monotonic()
        found = cached.current()
        took = monotonic() - began

        assert found == Silent("model is loading", absence=Absence.MISSING)
        assert_within(took, s3_client.READ_SECONDS)
        gate.open()
        becomes(cached, "ok", "v1")
        assert in_use(cached) == "model v1"


def test_a_missing_bucket_leaves_no_model_and_says_why(s3: S3Storage, name: str) -> None:
    """A mistyped MODEL_URI shows in readiness, not in payments that fail."""
    with (
        closing(s3.open("s3://absent-bucket")) as registry,
        capture_logs() as logs,
        cache(registry, name) as cached,
    ):
        found = cached.current()

        assert found == Silent("the bucket of MODEL_URI does not exist", absence=Absence.MISSING)
        assert cached.state().status == "none"
    assert said(logs, name) == [("model.absent", "warning")]


def _time_of_many(cached: CachedModel[str]) -> float:
    began = monotonic()
    assert {in_use(cached) for _ in range(PAYMENTS)} == {"model v1"}
    return monotonic() - began
