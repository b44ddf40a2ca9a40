"""StrictRequest: a request with one JSON object as its body and unique query parameters."""

import re
import sys
from time import perf_counter
from typing import Any, Final

import uuid_utils
from flask import Request
from typing_extensions import override
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.utils import cached_property

from risksentinel.errors import Malformed, Violation
from risksentinel.text import strict_json
from risksentinel.text.characters import FORBIDDEN_MESSAGE, UNSTORABLE_CHARACTERS

REQUEST_ID: Final = "X-Request-Id"
MAX_DISCARDED: Final = 16 * 1024 * 1024
_PIECE: Final = 64 * 1024
_SAFE_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
_JSON: Final = frozenset({"application/json"})
_JSON_PATCH: Final = _JSON | {"application/merge-patch+json"}
_UNENCODED: Final = "identity"
_UTF8: Final = frozenset({"utf-8", "utf8", "us-ascii"})


class NoJson(UnsupportedMediaType):
    """The Content-Type of the body is not JSON."""

    description = "The body must be JSON in UTF-8: send the header Content-Type: application/json"


class NoJsonPatch(UnsupportedMediaType):
    """The Content-Type of a change is neither JSON nor a merge patch."""

    description = (
        "The body must be JSON in UTF-8: send the header Content-Type: application/json, "
        "or application/merge-patch+json"
    )


class EncodedBody(UnsupportedMediaType):
    """The body is compressed."""

    description = "The body must not be compressed: send it without Content-Encoding"


class StrictRequest(Request):
    """A request whose body is one JSON object and whose query names each parameter once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # werkzeug's own
        super().__init__(*args, **kwargs)
        self.began = perf_counter()

    @cached_property
    def request_id(self) -> str:
        """The client's X-Request-Id if its characters are safe, else a new id."""
        given = self.headers.get(REQUEST_ID, "")
        return given if _SAFE_ID.fullmatch(given) else str(uuid_utils.uuid7())

    @override
    def get_data(self, *args: Any, **kwargs: Any) -> Any:
        """The whole body.

        Raises:
            EncodedBody: the body has a content coding.
            RequestEntityTooLarge: the body is longer than the app's limit.
        """
        if self.environ.get("HTTP_CONTENT_ENCODING", _UNENCODED).lower() not in {_UNENCODED, ""}:
            raise EncodedBody
        try:
            body = super().get_data(*args, **kwargs)
            # Without a Content-Length werkzeug 3.1 cuts the body at the limit without an error.
            most = self.max_content_length or sys.maxsize
            if self.content_length is None and len(body) >= most:
                raise RequestEntityTooLarge
        except RequestEntityTooLarge:
            self._discard_the_rest()
            raise
        return body

    def _discard_the_rest(self) -> None:
        # A client that still sends when the connection closes cannot read the response.
        if self.environ.get("wsgi.input_terminated"):
            source = self.environ["wsgi.input"]
            for _ in range(MAX_DISCARDED // _PIECE):
                if not source.read(_PIECE):
                    return

    @override
    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """The body, one JSON object, whatever the arguments.

        Raises:
            Malformed: the body is not a JSON object, or is ambiguous JSON.
            UnsupportedMediaType: the Content-Type is not JSON.
        """
        return self._document

    @cached_property
    def _document(self) -> dict[str, Any]:
        self._refuse_other_media()
        document = strict_json.decode(self.get_data())
        # flask-openapi3 would parse the content of a JSON string as JSON a second time.
        if not isinstance(document, dict):
            raise Malformed("must be a JSON object")
        return document

    def _refuse_other_media(self) -> None:
        taken = _JSON_PATCH if self.method == "PATCH" else _JSON
        if self.mimetype not in taken or not states_utf8(self):
            raise NoJsonPatch if taken is _JSON_PATCH else NoJson

    @override
    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The parameters of the query.

        Raises:
            Malformed: a parameter is given twice, is not UTF-8, or contains NUL.
        """
        try:
            given = super().args
        except UnicodeDecodeError:
            raise Malformed([Violation("query", "is not UTF-8")]) from None
        violations = [
            Violation(strict_json.inside("query", name), violation)
            for name, values in given.lists()
            if (violation := _violation_of(name, values))
        ]
        if violations:
            raise Malformed(violations)
        return given


def _violation_of(name: str, values: list[str]) -> str | None:
    if len(values) > 1:
        return "is given more than once"
    return FORBIDDEN_MESSAGE if UNSTORABLE_CHARACTERS.search(name + values[0]) else None


def id_of(request: Request) -> str:
    """The id of the request in its response and in the logs."""
    return request.request_id if isinstance(request, StrictRequest) else str(uuid_utils.uuid7())


def states_utf8(request: Request) -> bool:
    """Whether the Content-Type names no charset, or one whose texts are also UTF-8."""
    return request.mimetype_params.get("charset", "utf-8").lower() in _UTF8
