"""Pages of a list; an opaque cursor leads to the next page."""

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
# Each text of this form is a position in a list, between two items if no item has the position, so
# a schema can state what is accepted. Ids and values are in hex, so that a URL needs no escapes.
_WORDS: Final = "the `next_cursor` of a page of this list"
_MOMENT_AND_ID: Final = Worded(r"^[0-9]{1,17}-([2-7][0-9a-f]){1,64}$", _WORDS)
_LONGEST_VALUE: Final = 128 * 6  # bytes: a character without case is at most three of two each
_VALUE: Final = Worded(rf"^([0-9a-f][1-9a-f]|[1-9a-f]0){{1,{_LONGEST_VALUE}}}$", _WORDS)
MomentCursor = Annotated[str, _MOMENT_AND_ID]
ValueCursor = Annotated[str, _VALUE]
CURSOR: Final = "Opaque cursor: `next_cursor` of the previous page"
_DIGITS: Final = re.compile(r"[0-9]{1,4}", re.ASCII)


def _whole(text: object) -> int:
    if isinstance(text, str) and _DIGITS.fullmatch(text):
        return int(text)
    raise PydanticCustomError("whole", "must be a whole number")


WholeNumber = Annotated[int, BeforeValidator(_whole)]


class PageQuery(Parameters):
    """The page of a list; a list adds its filters. Unknown parameters are refused."""

    model_config = ConfigDict(extra="forbid")

    cursor: MomentCursor | None = Field(None, description=CURSOR)
    limit: WholeNumber = Field(
        USUAL, ge=1, le=MOST, description="The maximum number of items on the page"
    )


def page_response(
    query: PageQuery,
    read: Callable[[Key | None, int], Page[Item]],
    item: Callable[[Item], dict[str, Any]],
) -> Response:
    """Respond with {"items", "next_cursor"}; the Link header has the URL of the next page."""
    page = read(None if query.cursor is None else _key(query.cursor), query.limit)
    following = None if page.following is None else cursor_of(page.following)
    response = jsonify({"items": [item(each) for each in page.items], "next_cursor": following})
    if following is not None:
        response.headers["Link"] = f'<{_address(following)}>; rel="next"'
    return response


def cursor_of(key: Key) -> str:
    """The cursor of the items after the key."""
    *moment, last = key
    return "-".join([*moment, last.encode().hex()])


def _key(cursor: str) -> Key:
    *moment, last = cursor.split("-")
    return (*moment, bytes.fromhex(last).decode(errors="replace"))


def _address(cursor: str) -> str:
    """The path and query of this request, with another cursor."""
    asked = {**request.args.to_dict(), "cursor": cursor}
    return f"{quote(request.path)}?{urlencode(asked)}"
