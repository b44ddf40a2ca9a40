"""to_yaml, from_yaml: the contents of a policy as YAML, with a stable order of everything."""

from collections.abc import Mapping
from typing import Any, Final

import yaml
from typing_extensions import override

from risksentinel.errors import Malformed

MAX_BYTES: Final = 2 * 1024 * 1024
_ORDER: Final = ("settings", "rules", "model")
_RULE: Final = (
    *("id", "version", "name", "description", "condition", "weight", "severity", "action"),
    *("floor", "active"),
)
_COMMENT: Final = """\
# A policy of RiskSentinel: everything that decides.
# settings: thresholds, limits and weights. Scores and rand are text; null turns an escalation off.
# rules: every rule in force. A rule that is left out is stopped when the policy is promoted.
# model: promoted, one version like v3 or v3@sha256:..., or null for none.
# `risksentinel policy import FILE` makes a draft of this file.
"""


def to_yaml(contents: Mapping[str, Any]) -> str:
    """Return the YAML of contents; rules are in the order of their ids."""
    ordered = {name: contents[name] for name in _ORDER}
    ordered["settings"] = dict(sorted(contents["settings"].items()))
    rules = sorted(contents["rules"], key=lambda rule: str(rule["id"]))
    ordered["rules"] = [{name: rule[name] for name in _RULE if name in rule} for rule in rules]
    written = yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=100)
    return f"{_COMMENT}{written}"


def from_yaml(body: bytes) -> dict[str, Any]:
    """Return the document of a file; `scoring.policy_contents.contents_of` checks it.

    Raises:
        Malformed: the file is too large or no YAML, has a key twice, or uses aliases or types other
            than those of JSON; the line is named.
    """
    if len(body) > MAX_BYTES:
        raise Malformed(f"a policy file has at most {MAX_BYTES} bytes")
    try:
        found = yaml.load(body, Loader=_Plain)  # noqa: S506 - it is a SafeLoader
    except UnicodeDecodeError:
        raise Malformed("a policy file must be UTF-8") from None
    except RecursionError:
        raise Malformed("the file has too many levels") from None
    except yaml.YAMLError as fault:
        raise Malformed(_in_words(fault)) from None
    if not isinstance(found, dict):
        raise Malformed("a policy file has the members settings, rules and model")
    return found


class _Plain(yaml.SafeLoader):
    """The types of JSON, each key once, and no aliases, which can grow without bound."""

    @override
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", mark)
        return super().compose_node(parent, index)


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(
                None, None, "a key must be text", key_node.start_mark
            )
        if key in found:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {key!r} is there twice", key_node.start_mark
            )
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _refused(_: yaml.SafeLoader, node: yaml.Node) -> None:
    kind = node.tag.rpartition(":")[2]
    raise yaml.constructor.ConstructorError(
        None, None, f"a {kind} is not allowed: put it in quotes", node.start_mark
    )


_Plain.add_constructor("tag:yaml.org,2002:map", _mapping)
for _tag in ("timestamp", "binary", "set", "omap", "pairs"):
    _Plain.add_constructor(f"tag:yaml.org,2002:{_tag}", _refused)


def _in_words(fault: yaml.YAMLError) -> str:
    mark = getattr(fault, "problem_mark", None)
    problem = getattr(fault, "problem", None) or "the file is no YAML"
    return str(problem) if mark is None else f"line {mark.line + 1}: {problem}"
