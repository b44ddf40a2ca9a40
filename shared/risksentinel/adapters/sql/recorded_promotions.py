"""SqlRecordedPromotions: which version of a model the audit log has as promoted."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Engine, Select, select

from risksentinel.adapters.sql.engine import looking
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.domain.model_version import CARRIED, PROMOTED, ROLLED_BACK, Pointer
from risksentinel.errors import Rejected

PROMOTIONS: Final = (PROMOTED, ROLLED_BACK, CARRIED)


@dataclass(frozen=True, slots=True)
class SqlRecordedPromotions:
    """Meets `ports.RecordedPromotions` on SQLite and PostgreSQL."""

    engine: Engine

    def require(self, name: str, pointer: Pointer) -> None:
        """Return if the newest promotion in the audit log is this one; one query.

        Raises:
            Rejected: the audit log has another version as the promoted one, or none.
            Unavailable: the database does not answer.
        """
        with looking(self.engine) as connection:
            row = connection.execute(newest_promotion(name)).first()
        details = None if row is None else row.details
        if details is None or details.get("manifest_sha256") != pointer.manifest_sha256:
            recorded = "no version" if details is None else f"version {details.get('version')}"
            raise Rejected(
                f"the storage names version {pointer.version}, and the audit log has {recorded} as "
                f"promoted: run `risksentinel models promote {pointer.version}` if it is to score"
            )


def newest_promotion(name: str) -> Select[Any]:
    """The query of the details of the last promotion or rollback of a model."""
    return (
        select(audit_log.c.details)
        .where(
            audit_log.c.subject_id == name,
            audit_log.c.subject_kind == "model",
            audit_log.c.action.in_(PROMOTIONS),
        )
        .order_by(audit_log.c.id.desc())
        .limit(1)
    )
