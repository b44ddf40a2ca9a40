"""SourceFindings: what one source says about a payment, after all its labels."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from risksentinel.domain.label import Finding, Label, LabelSource

_CONTRARY: Final = 2  # fraud and genuine


@dataclass(frozen=True, slots=True)
class SourceFindings:
    """The findings of a source that are not withdrawn, and its newest label.

    An analyst is a person and may change a finding: the newest counts. Other sources are systems:
    a contrary finding of theirs may be forged, so it does not replace the earlier one, whatever its
    time. Both stay, and the source is `contrary`. So is a source whose finding another reporter
    withdraws: a withdrawal cancels only findings of its own reporter.
    """

    newest: Label | None
    findings: Mapping[Finding, Label]
    disputed: bool

    @classmethod
    def of(cls, source: LabelSource, said: Iterable[Label]) -> Self:
        """Return the findings of the source after all of its labels among these."""
        mine = sorted(
            (label for label in said if label.source is source), key=lambda label: label.version
        )
        findings: dict[Finding, Label] = {}
        disputed = False
        for label in mine:
            if label.finding is not Finding.WITHDRAWN:
                if source is LabelSource.ANALYST:
                    findings.clear()
                findings.setdefault(label.finding, label)
                continue
            for finding, earlier in list(findings.items()):
                if source is LabelSource.ANALYST or earlier.reported_by == label.reported_by:
                    del findings[finding]
            disputed = bool(findings)
        return cls(mine[-1] if mine else None, findings, disputed)

    @property
    def contrary(self) -> bool:
        """Whether the source contradicts itself, so that a person must decide."""
        return bool(self.findings) and (self.disputed or len(self.findings) == _CONTRARY)

    @property
    def standing(self) -> Label | None:
        """Return the finding of the source; None without one, or where they are contrary."""
        return None if self.contrary else next(iter(self.findings.values()), None)
