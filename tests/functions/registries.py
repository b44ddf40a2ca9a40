"""Entries that are added to a registry for one test."""

import gc
from collections.abc import Mapping
from typing import Any

import pytest


def add(
    monkeypatch: pytest.MonkeyPatch, registry: Mapping[str, Any], name: str, entry: object
) -> None:
    """Add an entry to the dict behind a read-only registry, for one test."""
    (entries,) = gc.get_referents(registry)
    monkeypatch.setitem(entries, name, entry)
