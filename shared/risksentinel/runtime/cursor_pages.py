"""Pages of a list: each names the next one by an opaque cursor."""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote, urlencode

from flask import Response, jsonify, request
from pydantic import BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from risksentinel import strict_json
from risksentinel.errors import Fault, Malformed, NoCursor
from risksentinel.ports.pages import Page
from risksentinel.runtime.parameters import Parameters

MOST: Final = 200
USUAL: Final = 50
LONGEST_CURSOR: Final = 512
Item = TypeVar("Item")
Key = tuple[str, ...]
_DIGITS: Final = re.compile(r"[0-9]{1,4}", re.ASCII)


def _whole(text: object) -> int:
    if isinstance(text, str) and _DIGITS.fullmatch(text):
        return int(text)
    raise PydanticCustomError("whole", "must be a whole number")


WholeNumber = Annotated[int, BeforeValidator(_whole)]


class PageQuery(Parameters):
    """Which page of a list; a list's filters extend it. What it does not know is refused."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str, Field(min_length=1, max_length=LONGEST_CURSOR)] | None = Field(
        None, description="The page's name, from `next_cursor` of the page before; no other works"
    )
    limit: WholeNumber = Field(USUAL, ge=1, le=MOST, description="The most items of a page")


def page_response(
    query: PageQuery,
    read: Callable[[Key | None, int], Page[Item]],
    item: Callable[[Item], dict[str, Any]],
) -> Response:
    """Answer {"items", "next_cursor"}; the Link header has the next page's address.

    Raises:
        NoCursor: the cursor is none of this list's.
    """
    after = None if query.cursor is None else _key(query.cursor)
    try:
        page = read(after, query.limit)
    except NoCursor as fault:
        raise _no_cursor() from fault
    following = None if page.following is None else cursor_of(page.following)
    response = jsonify({"items": [item(each) for each in page.items], "next_cursor": following})
    if following is not None:
        response.headers["Link"] = f'<{_address(following)}>; rel="next"'
    return response


def cursor_of(key: Key) -> str:
    """The cursor that leads to what follows the key."""
    return urlsafe_b64encode(strict_json.encode(list(key))).decode().rstrip("=")


def _key(cursor: str) -> Key:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        key = strict_json.decode(urlsafe_b64decode(padded))
    except (UnicodeEncodeError, binascii.Error, Malformed):
        raise _no_cursor() from None
    # One page has one cursor: base64 and JSON would take other spellings too.
    whole = isinstance(key, list) and all(isinstance(part, str) for part in key)
    if not whole or cursor_of(tuple(key)) != cursor:
        raise _no_cursor()
    return tuple(key)


def _no_cursor() -> NoCursor:
    return NoCursor([Fault("query.cursor", "is no cursor of this list")])


def _address(cursor: str) -> str:
    """This request's own path and query, with another cursor."""
    asked = {**request.args.to_dict(), "cursor": cursor}
    return f"{quote(request.path)}?{urlencode(asked)}"
