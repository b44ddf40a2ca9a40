"""Pages of a list: each names the next one by an opaque cursor."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote, urlencode

from flask import Response, jsonify, request
from pydantic import BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from risksentinel.http.parameters import Parameters
from risksentinel.payment_formats.worded import Worded
from risksentinel.ports.pages import Page

MOST: Final = 200
USUAL: Final = 50
Item = TypeVar("Item")
Key = tuple[str, ...]
# Whatever has the form is a place in a list, between two items if no item is there: a schema can
# say what is accepted. An id or a value is written in hex, so that an address needs no escapes.
_WORDS: Final = "the `next_cursor` of a page of this list"
_MOMENT_AND_ID: Final = Worded(r"^[0-9]{1,17}-([2-7][0-9a-f]){1,64}$", _WORDS)
_LONGEST_VALUE: Final = 128 * 6  # bytes: a character without case is at most three of two each
_VALUE: Final = Worded(rf"^([0-9a-f][1-9a-f]|[1-9a-f]0){{1,{_LONGEST_VALUE}}}$", _WORDS)
MomentCursor = Annotated[str, _MOMENT_AND_ID]
ValueCursor = Annotated[str, _VALUE]
NAMED_BY: Final = "The page's name, from `next_cursor` of the page before"
_DIGITS: Final = re.compile(r"[0-9]{1,4}", re.ASCII)


def _whole(text: object) -> int:
    if isinstance(text, str) and _DIGITS.fullmatch(text):
        return int(text)
    raise PydanticCustomError("whole", "must be a whole number")


WholeNumber = Annotated[int, BeforeValidator(_whole)]


class PageQuery(Parameters):
    """Which page of a list; a list's filters extend it. What it does not know is refused."""

    model_config = ConfigDict(extra="forbid")

    cursor: MomentCursor | None = Field(None, description=NAMED_BY)
    limit: WholeNumber = Field(USUAL, ge=1, le=MOST, description="The most items of a page")


def page_response(
    query: PageQuery,
    read: Callable[[Key | None, int], Page[Item]],
    item: Callable[[Item], dict[str, Any]],
) -> Response:
    """Answer {"items", "next_cursor"}; the Link header has the next page's address."""
    page = read(None if query.cursor is None else _key(query.cursor), query.limit)
    following = None if page.following is None else cursor_of(page.following)
    response = jsonify({"items": [item(each) for each in page.items], "next_cursor": following})
    if following is not None:
        response.headers["Link"] = f'<{_address(following)}>; rel="next"'
    return response


def cursor_of(key: Key) -> str:
    """The cursor that leads to what follows the key."""
    *moment, last = key
    return "-".join([*moment, last.encode().hex()])


def _key(cursor: str) -> Key:
    *moment, last = cursor.split("-")
    return (*moment, bytes.fromhex(last).decode(errors="replace"))


def _address(cursor: str) -> str:
    """This request's own path and query, with another cursor."""
    asked = {**request.args.to_dict(), "cursor": cursor}
    return f"{quote(request.path)}?{urlencode(asked)}"
