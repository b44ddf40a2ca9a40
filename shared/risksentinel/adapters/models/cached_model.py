"""CachedModel: the model in use, updated by a thread; after an error the last one stays."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic
from typing import Final, Generic, Literal, Protocol, TypeVar

import structlog

from risksentinel import deadline
from risksentinel.domain.model_version import Manifest, ModelArtefact, Pointer
from risksentinel.domain.signal import Absence, Silent
from risksentinel.errors import Misconfigured, Rejected, Retryable, RiskSentinelError
from risksentinel.ports.model_registry import RecordedPromotions

FIRST_LOAD_SECONDS: Final = 2.0  # the longest wait of the first payments for the first model
OVERDUE_SECONDS: Final = 30.0
REFUSED_SECONDS: Final = 60.0  # a refused version is downloaded again after this time
_LONGEST_REASON: Final = 300

Model = TypeVar("Model")
_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class InUse(Generic[Model]):
    """A loaded model with its manifest and pointer."""

    model: Model = field(repr=False)
    manifest: Manifest
    pointer: Pointer


class Source(Protocol):
    """The methods of `ports.ModelRegistry` that name and read the version to use."""

    def promoted(self, name: str) -> Pointer | None:
        """The version to use; None where there is none."""

    def artefact(self, name: str, pointer: Pointer) -> ModelArtefact:
        """The version's manifest and model, both verified."""


@dataclass(frozen=True, slots=True)
class ModelState:
    """The state for readiness. Degraded: the last loaded model is in use. None: no model is."""

    status: Literal["ok", "degraded", "none"]
    reason: str
    version: str | None = None

    @property
    def faulty(self) -> bool:
        """Whether the operator must act; a missing promotion needs no action."""
        return self.status != "ok" and self.reason not in {_LOADING, _NOTHING}


@dataclass(frozen=True, slots=True)
class _Now(Generic[Model]):
    in_use: InUse[Model] | None
    state: ModelState


@dataclass(frozen=True, slots=True)
class _Refused:
    pointer: Pointer
    reason: str
    until: float


_LOADING: Final = "model is loading"
_NOTHING: Final = "no model is promoted"
_OVERDUE: Final = "the model registry has not answered for a while"


class CachedModel(Generic[Model]):
    """Answers from memory, whatever the state of the storage.

    With `recorded` it loads only the version that the database has as promoted: the pointer in the
    storage is not signed.

    The thread starts with the first call, in the process of the caller: never at import, and
    never before a server forks.
    """

    def __init__(
        self,
        registry: Source,
        name: str,
        load: Callable[[ModelArtefact], Model],
        *,
        refresh_seconds: float,
        recorded: RecordedPromotions | None = None,
        first_load_seconds: float = FIRST_LOAD_SECONDS,
    ) -> None:
        self._registry = registry
        self._name = name
        self._load = load
        self._recorded = recorded
        self._refresh_seconds = refresh_seconds
        self._first_load_seconds = first_load_seconds
        self._lock = Lock()
        self._started_at: float | None = None
        self._tried = Event()
        self._closed = Event()
        self._polled_at = 0.0
        self._refused: _Refused | None = None
        self._now: _Now[Model] = _Now(None, ModelState("none", _LOADING))

    def current(self) -> InUse[Model] | Silent:
        """The last loaded model; before the first one Silent, with the reason."""
        if not self._tried.is_set():
            first = max(0.0, self._started() + self._first_load_seconds - monotonic())
            self._tried.wait(deadline.left(first))
        now = self._now
        if now.in_use is not None:
            return now.in_use
        absence = None if now.state.reason == _NOTHING else Absence.MISSING
        return Silent(now.state.reason, absence=absence)

    def state(self) -> ModelState:
        """Whether the model in use is the promoted one; otherwise the reason."""
        self._started()
        if self._tried.is_set() and monotonic() > self._polled_at + OVERDUE_SECONDS:
            return _kept(self._now.in_use, _OVERDUE)
        return self._now.state

    def start(self) -> None:
        """Load the model beside the caller, if it is not loaded yet."""
        self._started()

    def close(self) -> None:
        """Stop polling for new models; the last one stays in use."""
        self._closed.set()

    def _started(self) -> float:
        with self._lock:
            if self._started_at is None:
                self._started_at = monotonic()
                Thread(target=self._keep_fresh, name="model", daemon=True).start()
            return self._started_at

    def _keep_fresh(self) -> None:
        while not self._closed.is_set():
            now = self._poll()
            if not self._closed.is_set():
                self._become(now)
            self._polled_at = monotonic()
            self._tried.set()
            self._closed.wait(self._refresh_seconds)

    def _poll(self) -> _Now[Model]:
        in_use = self._now.in_use
        try:
            pointer = self._registry.promoted(self._name)
            if pointer is None:
                return _Now(in_use, _kept(in_use, _NOTHING))
            if in_use is None or in_use.pointer != pointer:
                if self._recorded is not None:
                    self._recorded.require(self._name, pointer)
                in_use = self._loaded(pointer)
            return _Now(in_use, ModelState("ok", "", pointer.version))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the last good one stays
            return _Now(in_use, _kept(in_use, _in_words(error)))

    def _loaded(self, pointer: Pointer) -> InUse[Model]:
        refused = self._refused
        if refused is not None and refused.pointer == pointer and monotonic() < refused.until:
            raise Rejected(refused.reason)
        try:
            artefact = self._registry.artefact(self._name, pointer)
            return InUse(self._load(artefact), artefact.manifest, pointer)
        except (Retryable, Misconfigured):
            raise
        except Exception as error:
            reason = f"version {pointer.version} cannot be used: {_in_words(error)}"
            self._refused = _Refused(pointer, reason, monotonic() + REFUSED_SECONDS)
            raise Rejected(reason) from error

    def _become(self, now: _Now[Model]) -> None:
        before, self._now = self._now.state, now
        state = now.state
        if state == before:
            return
        quiet = state.status == "ok" or (state.status == "none" and state.reason == _NOTHING)
        say = _log.info if quiet else _log.warning
        say(_EVENTS[state.status], model=self._name, version=state.version, reason=state.reason)


_EVENTS: Final = {"ok": "model.in_use", "degraded": "model.kept", "none": "model.absent"}


def _kept(in_use: InUse[Model] | None, reason: str) -> ModelState:
    if in_use is None:
        return ModelState("none", reason)
    return ModelState("degraded", reason, in_use.pointer.version)


def _in_words(error: Exception) -> str:
    # The message of a foreign error may quote content; its type is safe to show.
    words = str(error) if isinstance(error, RiskSentinelError) else type(error).__name__
    return words[:_LONGEST_REASON]
