"""What the contract tests share: the document, and what an answer need not keep of it."""

import json
from http import HTTPStatus
from typing import Final

import schemathesis
from schemathesis.checks import CheckFunction
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from functions.dashboard.documentation import DOCUMENT

# A time may lie in the future or must, a name must be printable, a condition's value must suit its
# field, and a line of CSV must have the columns of the file's header.
BEYOND_SCHEMAS: Final = (
    "query.from",
    "query.to",
    "query.due_from",
    "occurred_at",
    "sim_swapped_at",
    "beneficiary_added_at",
    "reported_at",
    "expires_at",
    "name",
    "condition",
    "line ",
)
document: Final = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text()))


def excluded(answer: Response) -> list[CheckFunction]:
    """The checks that an answer like this one cannot pass."""
    checks: list[CheckFunction] = []
    if answer.status_code == HTTPStatus.MULTI_STATUS:
        checks.append(negative_data_rejection)  # the batch is answered, the wrong payment refused
    if answer.status_code == HTTPStatus.PRECONDITION_FAILED:
        checks.append(positive_data_acceptance)  # an If-Match of another version is well formed
    if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        violations = [violation["path"] for violation in answer.json()["errors"]]
        if all(path.startswith(BEYOND_SCHEMAS) for path in violations):
            checks.append(positive_data_acceptance)
    return checks
