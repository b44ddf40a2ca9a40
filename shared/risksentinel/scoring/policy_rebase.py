"""rebased: the changes of a draft, made again on the version that is live now."""

from collections.abc import Mapping
from typing import Any

from risksentinel.errors import Conflict
from risksentinel.scoring.policy_diff import Contents, RuleDocument, by_id, without_version
from risksentinel.scoring.policy_document import setting_of


def rebased(base: Contents, draft: Contents, live: Contents) -> dict[str, Any]:
    """Return the live contents with what the draft changes in its base.

    Raises:
        Conflict: the draft and the live version both changed a setting, a rule or the model, to
            different values; all of them are named.
    """
    clashes: list[str] = []
    settings = dict(live["settings"])
    for name, value in draft["settings"].items():
        before, now = base["settings"].get(name), live["settings"].get(name)
        if value != before:
            if now not in (before, value):
                clashes.append(f"setting {setting_of(name)}")
            settings[name] = value
    rules, of_rules = _rules(by_id(base), by_id(draft), by_id(live))
    model = live["model"] if draft["model"] == base["model"] else draft["model"]
    clashes += of_rules
    if live["model"] not in (base["model"], model):
        clashes.append("the model")
    if clashes:
        raise Conflict(
            "the draft and the live version both changed " + ", ".join(clashes) + ": change the "
            "draft to what you want of both"
        )
    return {"settings": settings, "rules": rules, "model": model}


def _rules(
    base: Mapping[str, RuleDocument],
    draft: Mapping[str, RuleDocument],
    live: Mapping[str, RuleDocument],
) -> tuple[list[RuleDocument], list[str]]:
    clashes, rules = [], dict(live)
    for rule_id in [*base, *(name for name in draft if name not in base)]:
        before, wanted, now = base.get(rule_id), draft.get(rule_id), live.get(rule_id)
        if _same(before, wanted):
            continue
        if not (_same(now, before) or _same(now, wanted)):
            clashes.append(f"rule {rule_id}")
        if wanted is None:
            rules.pop(rule_id, None)
        else:
            rules[rule_id] = wanted
    return list(rules.values()), clashes


def _same(one: RuleDocument | None, other: RuleDocument | None) -> bool:
    if one is None or other is None:
        return one is other
    return without_version(one) == without_version(other)
