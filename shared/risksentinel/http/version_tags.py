"""Versions over HTTP: ETag in responses, If-Match in changes."""

import re
from typing import Annotated, Any, Final

from flask import Response, jsonify
from pydantic import Field, WithJsonSchema

from risksentinel.errors import VersionRequired
from risksentinel.http.access import caller
from risksentinel.http.parameters import Parameters
from risksentinel.payment_formats.worded import Worded

_TAG: Final = r'(W/)?"[1-9][0-9]{0,8}"'
_TAGS: Final = Worded(rf"^(\*|{_TAG})$", 'one ETag as in a response, like "3", or *')
# Two schemas: from one pattern for both forms, schemathesis generates an empty header.
_TAGS_SCHEMA: Final = WithJsonSchema(
    {"type": "string", "anyOf": [{"enum": ["*"]}, {"pattern": f"^{_TAG}$"}]}
)
_NUMBER: Final = re.compile(r"[0-9]+", re.ASCII)


class ChangeHeaders(Parameters):
    """The version that must be the newest when something is changed."""

    if_match: Annotated[str, _TAGS, _TAGS_SCHEMA] | None = Field(
        None,
        alias="If-Match",
        description="The ETag that was read: 412 if it is not the newest. With `*` the newest "
        "version is changed. Without the header a program changes the newest version, and a person "
        "gets 428",
    )

    @property
    def expected(self) -> int | None:
        """The version that must be the newest; None for any version.

        Raises:
            VersionRequired: the caller is a person and did not state a version.
        """
        if self.if_match is None and caller().person:
            raise VersionRequired("read it first, and send its ETag in the header If-Match")
        # A proxy that compresses a response makes its ETag weak; the version is the same.
        number = _NUMBER.search(self.if_match or "")
        return int(number.group()) if number else None


def versioned(body: dict[str, Any], version: int) -> Response:
    """The JSON response, with the version as its ETag."""
    response = jsonify(body)
    response.headers["ETag"] = f'"{version}"'
    return response
