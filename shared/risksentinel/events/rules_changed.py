"""rules.changed.v1: a rule has a new version."""

from typing import Final

from risksentinel.events.event import Event
from risksentinel.events.sources import RULES_CRUD
from risksentinel.rules.rule import StoredRule
from risksentinel.text import rfc3339

TOPIC: Final = "rules.changed"
TYPE: Final = "za.risksentinel.rules.changed.v1"
SCHEMA: Final = "urn:risksentinel:schema:rules.changed:1"


def encode(rule: StoredRule, traceparent: str | None = None) -> Event:
    """The event of the rule's newest version."""
    return Event(
        topic=TOPIC,
        id=rule.reference,
        type=TYPE,
        source=RULES_CRUD,
        subject=rule.id,
        key=rule.id,
        time=rule.updated_at,
        data={
            "rule_id": rule.id,
            "version": rule.version,
            "name": rule.name,
            "active": rule.active,
            "updated_at": rfc3339.to_text(rule.updated_at),
        },
        dataschema=SCHEMA,
        traceparent=traceparent,
    )
