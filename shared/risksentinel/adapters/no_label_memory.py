"""A history without a place for labels: the database has them, and what is trained from it."""

from collections.abc import Sequence

from risksentinel.domain.label import Labelled


class NoLabelMemory:
    """Meets `ports.LabelMemory`."""

    def label(self, batch: Sequence[Labelled]) -> None:
        """Learn nothing."""
