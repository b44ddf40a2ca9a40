"""Seed: the default rules of this release, as long as nobody has touched them."""

from collections.abc import Mapping
from typing import Any

import structlog

from risksentinel.assembly.container import Container
from risksentinel.errors import Conflict, NotFound, StaleVersion
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import document_of, parse_rule
from risksentinel.rules.rule import StoredRule

ACTOR = "seed"
_log = structlog.get_logger(__name__)


def seed(container: Container) -> int:
    """Write the default rules that are missing or of an earlier release; answers how many.

    A rule that somebody changed or took out of force stays as it is.
    """
    return sum(
        _written(container, rule_id, document) for rule_id, document in DEFAULT_RULES.items()
    )


def _written(container: Container, rule_id: str, document: Mapping[str, Any]) -> bool:
    try:
        kept = container.rule_records.rule(rule_id)
    except NotFound:
        return _created(container, rule_id, document)
    if _same(kept, document):
        return False
    if not _untouched(container, kept):
        _log.info("seed.rule_kept", rule=rule_id, version=kept.version)
        return False
    return _replaced(container, kept, document)


def _created(container: Container, rule_id: str, document: Mapping[str, Any]) -> bool:
    try:
        container.write_rule.create(document, ACTOR, rule_id)
    except Conflict as conflict:
        # An analyst's rule has its name, or another process was faster: neither stops a start.
        _log.warning("seed.rule_hide_module", rule=rule_id, reason=str(conflict))
        return False
    return True


def _replaced(container: Container, kept: StoredRule, document: Mapping[str, Any]) -> bool:
    try:
        container.write_rule.replace(kept.id, document, kept.version, ACTOR)
    except (Conflict, StaleVersion) as refused:
        # An analyst's rule has the new name, or somebody was faster: neither stops a start.
        _log.warning("seed.rule_hide_module", rule=kept.id, reason=str(refused))
        return False
    _log.info("seed.rule_replaced", rule=kept.id, version=kept.version + 1)
    return True


def _same(kept: StoredRule, document: Mapping[str, Any]) -> bool:
    """Whether the rule is the default one of this release."""
    default = parse_rule(
        document,
        rule_id=kept.id,
        version=kept.version,
        created_at=kept.created_at,
        updated_at=kept.updated_at,
    )
    return document_of(kept) == document_of(default)


def _untouched(container: Container, kept: StoredRule) -> bool:
    """Whether only the seed ever wrote the rule.

    Only the seed gives a rule such an id, so its version 1 is the seed's. Later the seed replaces
    none but its own, so it is enough that the newest version is.
    """
    return kept.version == 1 or container.rule_records.author(kept) == ACTOR
