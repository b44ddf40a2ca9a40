"""Conversion between a proposal and its row."""

import zlib
from typing import Any, Final

from sqlalchemy import Row, select

from risksentinel.adapters.sql.tables import proposals
from risksentinel.domain.proposal import Proposal, ProposalKind, ProposalStatus

_FILE: Final = proposals.c.attachment
PROPOSALS: Final = select(*(column for column in proposals.c if column is not _FILE))
ATTACHMENTS: Final = select(_FILE)


def proposal_row(proposal: Proposal) -> dict[str, Any]:
    """Every column of `proposals` but the attachment."""
    return {
        "id": proposal.id,
        "kind": proposal.kind.value,
        "subject": proposal.subject,
        "document": {
            "change": proposal.change,
            "before": proposal.before,
            "after": proposal.after,
        },
        "based_on": proposal.based_on,
        "proposed_by": proposal.proposed_by,
        "proposed_at": proposal.proposed_at,
        "reason": proposal.reason,
        **decision_row(proposal),
    }


def decision_row(proposal: Proposal) -> dict[str, Any]:
    """The columns that a decision changes."""
    return {
        "status": proposal.status.value,
        "decided_by": proposal.decided_by,
        "decided_at": proposal.decided_at,
        "decision_reason": proposal.decision_reason,
        "in_force_at": proposal.in_force_at,
    }


def proposal_of(row: Row[Any]) -> Proposal:
    """The proposal in a row of PROPOSALS."""
    return Proposal(
        id=row.id,
        kind=ProposalKind(row.kind),
        subject=row.subject,
        **row.document,
        based_on=row.based_on,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        reason=row.reason,
        status=ProposalStatus(row.status),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
        in_force_at=row.in_force_at,
    )


def packed(attachment: bytes) -> bytes | None:
    """The file as it is stored."""
    return zlib.compress(attachment) if attachment else None


def unpacked(stored: bytes | None) -> bytes:
    """The file that was stored; empty without one."""
    return b"" if stored is None else zlib.decompress(stored)
