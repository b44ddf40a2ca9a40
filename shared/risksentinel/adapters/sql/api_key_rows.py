"""Conversion between API keys and their rows."""

from typing import Any, Final

from sqlalchemy import Row, select

from risksentinel.adapters.sql.tables import api_keys
from risksentinel.domain.access import Role
from risksentinel.domain.api_key import ApiKey
from risksentinel.domain.label import LabelSource

KEYS: Final = select(api_keys)


def key_row(key: ApiKey) -> dict[str, Any]:
    """Every column of `api_keys`."""
    return {
        "id": key.id,
        "name": key.name,
        "salt": key.salt,
        "digest": key.digest,
        "roles": sorted(key.roles),
        "label_sources": sorted(key.label_sources),
        "created_at": key.created_at,
        "created_by": key.created_by,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }


def key_of(row: Row[Any]) -> ApiKey:
    """The key in a row of `api_keys`.

    Raises:
        ValueError: a newer release gave the key a role that this release does not know.
    """
    columns = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    columns["roles"] = frozenset(map(Role, columns["roles"]))
    columns["label_sources"] = frozenset(map(LabelSource, columns["label_sources"]))
    return ApiKey(**columns)
