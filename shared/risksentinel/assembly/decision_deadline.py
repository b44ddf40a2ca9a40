"""The deadline of decisions."""

from risksentinel.assembly.container import Container


def deadline_seconds(container: Container) -> float | None:
    """DECISION_DEADLINE_MS in seconds; None if it is off."""
    milliseconds = container.settings.decision_deadline_ms
    return None if milliseconds is None else milliseconds / 1000
