"""The deadline of decisions, and what is read before the first one begins."""

from collections.abc import Callable
from contextlib import suppress

from risksentinel.assembly.container import Container
from risksentinel.assembly.model import model
from risksentinel.assembly.rules import rule_book
from risksentinel.errors import Unavailable


def deadline_seconds(container: Container) -> float | None:
    """DECISION_DEADLINE_MS in seconds; None if it is off."""
    milliseconds = container.settings.decision_deadline_ms
    return None if milliseconds is None else milliseconds / 1000


def prepare_decisions(container: Container) -> Callable[[], None]:
    """What reads rules and model, within the usual timeouts; what does not answer is absent."""

    def prepare() -> None:
        with suppress(Unavailable):
            rule_book(container).edition()
        if container.settings.policy.ml_weight > 0:
            model(container).wait_for_first()

    return prepare
