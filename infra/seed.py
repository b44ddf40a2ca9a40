"""Seed: the default rules, as long as nobody has touched them."""

from risksentinel.assembly.backbone import Backbone
from risksentinel.errors import NotFound
from risksentinel.rules.defaults import DEFAULT_RULES

ACTOR = "seed"


def seed(backbone: Backbone) -> int:
    """Create the default rules that are not there; answers how many. An analyst's change stays."""
    created = 0
    for rule_id, document in DEFAULT_RULES.items():
        try:
            backbone.rule_records.rule(rule_id)
        except NotFound:
            backbone.write_rule.create(document, ACTOR, rule_id)
            created += 1
    return created
