"""The bodies, parameters and responses of named lists."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from risksentinel.domain.named_list import (
    LIST_NAME,
    LIST_NAME_IN_WORDS,
    MAX_DESCRIPTION,
    MAX_REASON,
    MAX_VALUE,
    Entry,
    EntryDraft,
)
from risksentinel.http.parameters import Parameters
from risksentinel.http.response_model import Moment, ResponseModel
from risksentinel.payment_formats.payment_document import Moment as MomentIn

_CLOSED: Final = ConfigDict(extra="forbid", frozen=True)
_TEXT: Final = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]*"
_ONE_LINE: Final = f"^{_TEXT}$"
_NOT_BLANK: Final = rf"^{_TEXT}[^\x00-\x20\x7f-\xa0\u2028\u2029]{_TEXT}$"
ListName = Annotated[str, Field(strict=True, pattern=LIST_NAME, description=LIST_NAME_IN_WORDS)]
Value = Annotated[
    str,
    Field(
        strict=True,
        min_length=1,
        max_length=MAX_VALUE,
        pattern=_NOT_BLANK,
        description="An account, a device, a merchant category or a country. Case and blanks at "
        "both ends are ignored",
    ),
]
Reason = Annotated[str, Field(strict=True, max_length=MAX_REASON, pattern=_ONE_LINE)]


class ListPath(Parameters):
    """The name of a list."""

    name: ListName


class EntryPath(ListPath):
    """The name of a list and the value of an entry."""

    value: Value


class ListBody(BaseModel):
    """A new list."""

    model_config = _CLOSED

    name: ListName
    description: Annotated[
        str, Field(strict=True, max_length=MAX_DESCRIPTION, pattern=_ONE_LINE)
    ] = Field("", description="The purpose of the list")


class EntryContent(BaseModel):
    """The content of an entry beside its value."""

    model_config = _CLOSED

    reason: Reason = Field("", description="Why the value is on the list")
    expires_at: MomentIn | None = Field(None, description="The entry is ignored from this time on")

    def draft(self, value: str) -> EntryDraft:
        """The entry of this value. Raises Malformed if the value is invalid."""
        return EntryDraft(value, self.reason, self.expires_at)


class EntryBody(EntryContent):
    """An entry."""

    value: Value


class ListResponse(ResponseModel):
    """A list, without its entries."""

    name: str
    description: str
    author: str = Field(description="The actor that created the list")
    created_at: Moment
    size: int = Field(description="The number of entries, expired ones included")


class ListsResponse(ResponseModel):
    """All lists, by name."""

    items: list[ListResponse]


class EntryResponse(ResponseModel):
    """An entry of a list."""

    value: str = Field(description="The spelling of the last change")
    reason: str
    author: str = Field(description="The actor of the last change")
    created_at: Moment = Field(description="When the value was put on the list")
    expires_at: Moment | None
    expired: bool = Field(description="Whether the entry is expired; expired entries are ignored")


class EntryPage(ResponseModel):
    """One page of entries."""

    items: list[EntryResponse]
    next_cursor: str | None = Field(description="The cursor of the next page; null on the last")


class ImportResponse(ResponseModel):
    """The result of an import."""

    added: int
    replaced: int = Field(description="Number of values that were on the list already")


def entry_response(entry: Entry, now: datetime) -> dict[str, Any]:
    """The JSON members of an entry; `now` decides whether the entry is expired."""
    response = EntryResponse(
        value=entry.value,
        reason=entry.reason,
        author=entry.author,
        created_at=entry.created_at,
        expires_at=entry.expires_at,
        expired=entry.is_expired(now),
    )
    return response.model_dump()
