"""ManageKeys: creates, rotates and revokes API keys, each with an audit entry in its commit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from risksentinel.domain.access import Role
from risksentinel.domain.api_key import (
    SALT_BYTES,
    ApiKey,
    RandomBytes,
    new_key_text,
)
from risksentinel.domain.label import LabelSource
from risksentinel.errors import Conflict
from risksentinel.ports.api_keys import KeyLedger, KeyUnit
from risksentinel.ports.environment import Clock
from risksentinel.ports.ledger import AuditEntry
from risksentinel.text import rfc3339


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made; `text` is not stored and cannot be shown again."""

    key: ApiKey
    text: str


@dataclass(frozen=True, slots=True)
class ManageKeys:
    """Changes keys."""

    ledger: KeyLedger
    clock: Clock
    random: RandomBytes

    def create(
        self,
        name: str,
        roles: Iterable[Role],
        label_sources: Iterable[LabelSource],
        expires_in: timedelta | None,
        actor: str,
    ) -> NewKey:
        """Make a key. Raises Conflict if a key of this name is in force."""
        now, text, salt = self.clock(), new_key_text(self.random), self.random(SALT_BYTES)
        key = ApiKey(
            id=text.id,
            name=name,
            salt=salt,
            digest=text.hashed(salt),
            roles=frozenset(roles),
            label_sources=frozenset(label_sources),
            created_at=now,
            created_by=actor,
            expires_at=None if expires_in is None else now + expires_in,
        )
        with self.ledger.unit() as unit:
            if any(each.is_in_force(now) for each in unit.named(name)):
                raise Conflict(f"a key named {name} is in force: rotate it, or take another name")
            unit.create(key)
            _audit(unit, key, now, actor, "key.created", _scope(key))
        return NewKey(key, text.text)

    def rotate(
        self, key_id: str, overlap: timedelta, expires_in: timedelta | None, actor: str
    ) -> NewKey:
        """Make the successor of a key; the old key works for the time of `overlap`.

        Without `expires_in` the new key lives as long as the old one was made to live.

        Raises:
            NotFound: there is no such key.
            Conflict: the key is not in force.
        """
        now, text, salt = self.clock(), new_key_text(self.random), self.random(SALT_BYTES)
        with self.ledger.unit() as unit:
            old = unit.key(key_id)
            if not old.is_in_force(now):
                raise Conflict("the key is expired or revoked: create a new one")
            new = replace(
                old,
                id=text.id,
                salt=salt,
                digest=text.hashed(salt),
                created_at=now,
                created_by=actor,
                expires_at=_end(old, now, expires_in),
                last_used_at=None,
            )
            ending = old.until(now + overlap)
            unit.create(new)
            unit.change(ending)
            details = {**_scope(new), "replaces": old.id, "old_key_expires_at": _time(ending)}
            _audit(unit, new, now, actor, "key.rotated", details)
        return NewKey(new, text.text)

    def revoke(self, key_id: str, actor: str) -> ApiKey:
        """Revoke a key; functions refuse it within five seconds. Raises NotFound, Conflict."""
        now = self.clock()
        with self.ledger.unit() as unit:
            key = unit.key(key_id)
            if key.revoked_at is not None:
                raise Conflict("the key is revoked already")
            revoked = replace(key, revoked_at=now)
            unit.change(revoked)
            _audit(unit, revoked, now, actor, "key.revoked", {"name": key.name})
        return revoked


def _end(old: ApiKey, now: datetime, expires_in: timedelta | None) -> datetime | None:
    if expires_in is not None:
        return now + expires_in
    return None if old.expires_at is None else now + (old.expires_at - old.created_at)


def _scope(key: ApiKey) -> dict[str, Any]:
    return {
        "name": key.name,
        "roles": sorted(key.roles),
        "label_sources": sorted(key.label_sources),
        "expires_at": _time(key),
    }


def _time(key: ApiKey) -> str | None:
    return None if key.expires_at is None else rfc3339.to_text(key.expires_at)


def _audit(
    unit: KeyUnit, key: ApiKey, at: datetime, actor: str, action: str, details: Mapping[str, Any]
) -> None:
    unit.audit([AuditEntry(at, actor, action, "api_key", key.id, details)])
