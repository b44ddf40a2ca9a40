"""Shared by the contract tests: the OpenAPI document, and the checks that do not apply."""

import json
from http import HTTPStatus
from typing import Final

import schemathesis
from schemathesis.checks import CheckFunction
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from functions.dashboard.documentation import DOCUMENT

# A schema cannot state that a time is in the future, a name printable, the value of a condition
# valid for its field, the contents of a policy consistent, or that a line of CSV has the columns of
# the header.
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
    "rule.name",
    "rule.condition",
    "since",
    "condition",
    "contents",
    "line ",
)
document: Final = schemathesis.openapi.from_dict(json.loads(DOCUMENT.read_text()))


def excluded(answer: Response) -> list[CheckFunction]:
    """The checks that do not apply to this response."""
    # It takes a header that a test sets for a generated one; test_role_matrix.py has its requests.
    checks: list[CheckFunction] = [ignored_auth]
    if answer.status_code == HTTPStatus.MULTI_STATUS:
        checks.append(negative_data_rejection)  # the batch gets 207, the invalid payment is refused
    if answer.status_code == HTTPStatus.PRECONDITION_FAILED:
        checks.append(positive_data_acceptance)  # If-Match of another version gets 412
    if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        violations = [violation["path"] for violation in answer.json()["errors"]]
        if all(path.startswith(BEYOND_SCHEMAS) for path in violations):
            checks.append(positive_data_acceptance)
    return checks
