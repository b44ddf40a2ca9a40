"""NewBases: stores the basis of decisions in the unit that stores its first decision."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from risksentinel.adapters.sql.driver import Line
from risksentinel.adapters.sql.insert import insert_new
from risksentinel.adapters.sql.tables import decision_bases
from risksentinel.domain.verdict import Scored


@dataclass(slots=True)
class NewBases:
    """The bases of one unit; `stored` are the digests that this process stored already."""

    stored: set[str]
    _new: set[str] = field(default_factory=set)

    def keep(self, line: Line, batch: Sequence[Scored]) -> None:
        """Store the bases that are not stored yet."""
        latest = None
        for each in batch:
            basis = each.verdict.basis
            if basis is latest or basis is None:  # nearly always one for all
                continue
            latest = basis
            if basis.digest in self.stored or basis.digest in self._new:
                continue
            row = {
                "digest": basis.digest,
                "document": basis.document,
                "first_used_at": each.verdict.scored_at,
            }
            insert_new(line.session, decision_bases, [row])
            self._new.add(basis.digest)

    def committed(self) -> None:
        """Remember the stored bases: the unit is committed."""
        self.stored |= self._new
