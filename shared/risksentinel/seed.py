"""Seed: writes the default rules of this release, except rules that a user has changed."""

from collections.abc import Iterator, Mapping
from typing import Any

import structlog

from risksentinel.adapters.sql.rule_records import SqlRuleRecords
from risksentinel.assembly.container import Container
from risksentinel.assembly.rule_changes import write_rule
from risksentinel.domain.proposal import ProposalKind, ProposedChange
from risksentinel.errors import Conflict, NotFound, StaleVersion
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import document_of, parse_rule
from risksentinel.rules.rule import StoredRule
from risksentinel.usecases.propose_change import ProposeChange

ACTOR = "seed"
_log = structlog.get_logger(__name__)


def seed(container: Container) -> int:
    """Write default rules that are missing or of an earlier release; return their number.

    A rule that a user changed or deactivated stays as it is. Where changes need approval, only a
    database without rules gets them: `propose_seed` proposes those of a later release.
    """
    if container.settings.needs_approval and _has_rules(container):
        for rule_id, _, _ in _outdated(container):
            _log.warning("seed.needs_approval", rule=rule_id, command="risksentinel seed --propose")
        return 0
    return sum(
        _created(container, rule_id, document)
        if kept is None
        else _replaced(container, kept, document)
        for rule_id, document, kept in _outdated(container)
    )


def propose_seed(container: Container, propose: ProposeChange, proposer: str) -> int:
    """Propose default rules that are missing or of an earlier release; return their number."""
    proposed = 0
    for rule_id, document, kept in _outdated(container):
        kind = ProposalKind.RULE_CREATE if kept is None else ProposalKind.RULE_REPLACE
        expected = None if kept is None else kept.version
        wanted = ProposedChange(kind, rule_id, document, "a default rule", expected)
        try:
            propose(wanted, proposer)
        except (Conflict, StaleVersion) as refused:
            _log.warning("seed.rule_skipped", rule=rule_id, reason=str(refused))
            continue
        proposed += 1
    return proposed


def _has_rules(container: Container) -> bool:
    return bool(SqlRuleRecords(container.engine).rules(None, 1, active_only=False).items)


def _outdated(
    container: Container,
) -> Iterator[tuple[str, Mapping[str, Any], StoredRule | None]]:
    """The default rules that are missing, or of an earlier release and unchanged since."""
    for rule_id, document in DEFAULT_RULES.items():
        try:
            kept = SqlRuleRecords(container.engine).rule(rule_id)
        except NotFound:
            yield rule_id, document, None
            continue
        if _same(kept, document):
            continue
        if _untouched(container, kept):
            yield rule_id, document, kept
        else:
            _log.info("seed.rule_kept", rule=rule_id, version=kept.version)


def _created(container: Container, rule_id: str, document: Mapping[str, Any]) -> bool:
    try:
        write_rule(container).create(document, ACTOR, rule_id)
    except Conflict as conflict:
        # An analyst's rule has this name, or another process wrote the rule: the start continues.
        _log.warning("seed.rule_skipped", rule=rule_id, reason=str(conflict))
        return False
    return True


def _replaced(container: Container, kept: StoredRule, document: Mapping[str, Any]) -> bool:
    try:
        write_rule(container).replace(kept.id, document, kept.version, ACTOR)
    except (Conflict, StaleVersion) as refused:
        # An analyst's rule has the name, or the rule was changed meanwhile: the start continues.
        _log.warning("seed.rule_skipped", rule=kept.id, reason=str(refused))
        return False
    _log.info("seed.rule_replaced", rule=kept.id, version=kept.version + 1)
    return True


def _same(kept: StoredRule, document: Mapping[str, Any]) -> bool:
    """Whether the rule equals the default rule of this release."""
    default = parse_rule(
        document,
        rule_id=kept.id,
        version=kept.version,
        created_at=kept.created_at,
        updated_at=kept.updated_at,
    )
    return document_of(kept) == document_of(default)


def _untouched(container: Container, kept: StoredRule) -> bool:
    """Whether the seed wrote every version of the rule.

    Only the seed uses the ids of default rules, so it wrote version 1. It replaces its own
    versions only, so it is enough to know that it wrote the newest version.
    """
    return kept.version == 1 or SqlRuleRecords(container.engine).author(kept) == ACTOR
