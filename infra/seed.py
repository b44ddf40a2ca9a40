"""Seed: the default rules, as long as nobody has touched them."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import structlog

from risksentinel.assembly.backbone import Backbone
from risksentinel.errors import Conflict, NotFound
from risksentinel.rules.defaults import DEFAULT_RULES

ACTOR = "seed"
_log = structlog.get_logger(__name__)


def seed(backbone: Backbone) -> int:
    """Create the default rules that are not there; answers how many. An analyst's change stays."""
    return sum(_created(backbone, rule_id, document) for rule_id, document in DEFAULT_RULES.items())


def _created(backbone: Backbone, rule_id: str, document: Mapping[str, Any]) -> bool:
    with suppress(NotFound):
        backbone.rule_records.rule(rule_id)
        return False
    try:
        backbone.write_rule.create(document, ACTOR, rule_id)
    except Conflict as conflict:
        # An analyst's rule has its name, or another process was faster: neither stops a start.
        _log.warning("seed.rule_left_out", rule=rule_id, reason=str(conflict))
        return False
    return True
