"""The policy as a document, and the digest that names it."""

from collections.abc import Mapping
from dataclasses import fields
from decimal import Decimal
from hashlib import sha256
from types import MappingProxyType
from typing import Any, Final

from risksentinel.scoring.policy import Policy
from risksentinel.text import strict_json

_SETTINGS: Final[Mapping[str, str]] = MappingProxyType(  # the others have the field's name
    {
        "medium": "RISK_SCORE_MEDIUM",
        "high": "RISK_SCORE_HIGH",
        "critical": "RISK_SCORE_CRITICAL",
        "velocity_max_count": "VELOCITY_MAX_TXN_COUNT",
        "anomaly_z_score": "AMOUNT_ANOMALY_ZSCORE",
        "learnt_weights": "ML_LEARNT_WEIGHTS",
    }
)
_NOT_SET: Final = frozenset({"code", "version", "model"})  # by no setting


def policy_document(policy: Policy) -> dict[str, Any]:
    """The settings as JSON, decimals as text: without code, version and model."""
    names = [each.name for each in fields(policy) if each.name not in _NOT_SET]
    return {name: _plain(getattr(policy, name)) for name in names}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The old and the new value of each setting that differs, by the name of the setting."""
    return {
        setting_of(name): {"before": before.get(name), "after": after.get(name)}
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }


def setting_of(name: str) -> str:
    """The environment variable of a field of the policy."""
    return _SETTINGS.get(name, name.upper())


def digest_of(document: Mapping[str, Any]) -> str:
    """The digest that names a policy, in hex."""
    return sha256(strict_json.encode(dict(sorted(document.items())))).hexdigest()


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _plain(value[name]) for name in sorted(value)}
    return format(value.normalize(), "f") if isinstance(value, Decimal) else value
