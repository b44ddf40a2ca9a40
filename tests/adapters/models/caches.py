"""Caches of models for tests: with a short refresh, closed after the test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep
from typing import Any, Final

from structlog.typing import EventDict

from risksentinel.adapters.models.cached_model import CachedModel, InUse, ModelState
from risksentinel.domain.model_version import ModelArtefact
from risksentinel.domain.signal import Silent
from risksentinel.ports.model_registry import ModelRegistry, RecordedPromotions

SOON: Final = 30.0  # seconds until a test fails
QUICKLY: Final = 0.02


def text_of(artefact: ModelArtefact) -> str:
    """Load a model that is a text."""
    return artefact.model.decode()


@contextmanager
def cache(
    registry: ModelRegistry,
    name: str,
    load: Callable[[ModelArtefact], str] = text_of,
    first_load_seconds: float = SOON,
    recorded: RecordedPromotions | None = None,
) -> Iterator[CachedModel[str]]:
    """A cache that polls continuously."""
    cached = CachedModel(
        registry,
        name,
        load,
        refresh_seconds=QUICKLY,
        recorded=recorded,
        first_load_seconds=first_load_seconds,
    )
    try:
        yield cached
    finally:
        cached.close()


def in_use(cached: CachedModel[str]) -> str | None:
    """The model, or None."""
    match cached.current():
        case InUse(model=model):
            return model
        case Silent():
            return None


def becomes(cached: CachedModel[Any], status: str, version: str | None = None) -> ModelState:
    """Wait for a state, of a version if one is given."""
    deadline = monotonic() + SOON
    while True:
        state = cached.state()
        if state.status == status and version in {None, state.version}:
            return state
        if monotonic() > deadline:
            raise AssertionError(f"it stayed {state}")
        sleep(QUICKLY)


def said(logs: list[EventDict], name: str) -> list[tuple[str, str]]:
    """The events of this model with the levels."""
    return [(log["event"], log["log_level"]) for log in logs if log.get("model") == name]
