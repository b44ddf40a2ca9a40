"""Patch: change some members of a rule's document."""

from collections.abc import Mapping
from typing import Any

from risksentinel.errors import Malformed


def patched(rule_document: Mapping[str, Any], changes: object) -> dict[str, Any]:
    """Merge changes into a document by RFC 7396, on its top level: null removes a member.

    A condition is replaced as a whole, never merged.

    Raises:
        Malformed: the changes are not an object.
    """
    if not isinstance(changes, Mapping):
        raise Malformed("changes must be an object")
    taken_away = {name for name, value in changes.items() if value is None}
    merged = {**rule_document, **changes}
    return {name: value for name, value in merged.items() if name not in taken_away}
