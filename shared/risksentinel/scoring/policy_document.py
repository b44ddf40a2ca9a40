"""The policy as a document, and the digest that names it."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from hashlib import sha256
from typing import Any

from risksentinel.scoring.policy import Policy
from risksentinel.text import strict_json


def policy_document(policy: Policy) -> dict[str, Any]:
    """The policy as JSON, decimals as text, without the digest of the code."""
    names = [each.name for each in fields(policy) if each.name != "code"]
    return {name: _plain(getattr(policy, name)) for name in names}


def digest_of(document: Mapping[str, Any]) -> str:
    """The digest that names a policy, in hex."""
    return sha256(strict_json.encode(dict(sorted(document.items())))).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _plain(value[name]) for name in sorted(value)}
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value
