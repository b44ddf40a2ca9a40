"""Conversion between lists, entries and their rows."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select

from risksentinel.adapters.sql.tables import list_entries, lists
from risksentinel.domain.named_list import Entry, EntryDraft, NamedList, digest_of

LISTS: Final = select(lists)
ENTRIES: Final = select(list_entries)
Values = dict[str, Any]


def list_row(named: NamedList) -> Values:
    """Every column of `lists`."""
    return {
        "id": named.id,
        "name": named.name,
        "description": named.description,
        "author": named.author,
        "created_at": named.created_at,
        "size": named.size,
        "revision": named.revision,
    }


def list_of(row: Row[Any]) -> NamedList:
    """The list in a row of `lists`."""
    return NamedList(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it


def entry_row(draft: EntryDraft, list_id: str, author: str, at: datetime, revision: int) -> Values:
    """Every column of `list_entries`."""
    folded = draft.folded
    return {
        "list_id": list_id,
        "folded": folded,
        "value": draft.value,
        "digest": digest_of(folded),
        "reason": draft.reason,
        "author": author,
        "created_at": at,
        "expires_at": draft.expires_at,
        "revision": revision,
    }


def entry_of(row: Row[Any]) -> Entry:
    """The entry in a row of `list_entries`."""
    return Entry(
        value=row.value,
        reason=row.reason,
        author=row.author,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
