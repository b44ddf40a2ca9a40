"""Versions over HTTP: ETag in responses, If-Match in changes."""

import re
from typing import Annotated, Any, Final

from flask import Response, jsonify
from pydantic import Field, WithJsonSchema

from risksentinel.http.parameters import Parameters
from risksentinel.payment_formats.worded import Worded

ACTOR: Final = "api"
_TAG: Final = r'(W/)?"[1-9][0-9]{0,8}"'
_ACTOR: Final = Worded(
    r"^[!-~]([ -~]{0,98}[!-~])?$",
    "1 to 100 ASCII characters, without a blank at either end",
)
_TAGS: Final = Worded(rf"^(\*|{_TAG})$", 'one ETag as in a response, like "3", or *')
# Two schemas: from one pattern for both forms, schemathesis generates an empty header.
_TAGS_SCHEMA: Final = WithJsonSchema(
    {"type": "string", "anyOf": [{"enum": ["*"]}, {"pattern": f"^{_TAG}$"}]}
)
_NUMBER: Final = re.compile(r"[0-9]+", re.ASCII)


class ActorHeader(Parameters):
    """The actor of a change."""

    actor: Annotated[str, _ACTOR] = Field(
        ACTOR,
        alias="X-Actor",
        description="The actor of the change, for the audit log; visible ASCII",
    )


class ChangeHeaders(ActorHeader):
    """The actor of a change, and the version that must be the newest."""

    if_match: Annotated[str, _TAGS, _TAGS_SCHEMA] | None = Field(
        None,
        alias="If-Match",
        description="The ETag that was read: 412 if it is not the newest. Without the header, or "
        "with `*`, the newest version is changed",
    )

    @property
    def expected(self) -> int | None:
        """The version that must be the newest; None for any version."""
        # A proxy that compresses a response makes its ETag weak; the version is the same.
        number = _NUMBER.search(self.if_match or "")
        return int(number.group()) if number else None


def versioned(body: dict[str, Any], version: int) -> Response:
    """The JSON response, with the version as its ETag."""
    response = jsonify(body)
    response.headers["ETag"] = f'"{version}"'
    return response
