"""Versions as HTTP has them: an ETag to read, If-Match to change only what was read."""

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
    "1 to 100 ASCII characters, the first and the last of them visible",
)
_TAGS: Final = Worded(rf"^(\*|{_TAG})$", 'one ETag as an answer has it, like "3", or *')
# The two forms apart: of one pattern for both, schemathesis makes an empty header.
_TAGS_SCHEMA: Final = WithJsonSchema(
    {"type": "string", "anyOf": [{"enum": ["*"]}, {"pattern": f"^{_TAG}$"}]}
)
_NUMBER: Final = re.compile(r"[0-9]+", re.ASCII)


class ActorHeader(Parameters):
    """Who asks for a change."""

    actor: Annotated[str, _ACTOR] = Field(
        ACTOR, alias="X-Actor", description="Who changes it, for the audit; visible ASCII"
    )


class ChangeHeaders(ActorHeader):
    """Who asks for a change, and of which version."""

    if_match: Annotated[str, _TAGS, _TAGS_SCHEMA] | None = Field(
        None,
        alias="If-Match",
        description="The ETag that was read: 412 if it is no longer the newest. "
        "Without it, or with `*`, the newest version is changed, whatever it is",
    )

    @property
    def expected(self) -> int | None:
        """The version that must still be the newest; None where any will do."""
        # A proxy that compresses an answer makes its ETag weak; the version is the same.
        number = _NUMBER.search(self.if_match or "")
        return int(number.group()) if number else None


def versioned(body: dict[str, Any], version: int) -> Response:
    """The JSON answer, with the version as its ETag."""
    response = jsonify(body)
    response.headers["ETag"] = f'"{version}"'
    return response
