"""The body of POST /api/v1/transactions/: one payment in any registered format."""

from functools import partial
from typing import Any, Final

from flask import request
from flask_openapi3.utils import parse_body
from werkzeug.exceptions import UnsupportedMediaType

from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.requests import states_utf8
from risksentinel.payment_formats import FORMATS
from risksentinel.payment_formats.payment_document import PaymentDocument

_JSON: Final = "application/json"


class UnknownFormat(UnsupportedMediaType):
    """The Content-Type is none of the payment formats."""

    description = (
        f"The body must be a payment in UTF-8: send the header Content-Type: {', '.join(FORMATS)}"
    )


def read_payment() -> PaymentDocument:
    """Read the payment of the current request by its Content-Type.

    Raises:
        UnknownFormat: the Content-Type is missing, is not registered, or names another charset.
        Malformed: every violation with its path.
    """
    read = FORMATS.get(request.mimetype)
    if read is None or not states_utf8(request):
        raise UnknownFormat
    return read(request.get_data())


def described_body(api: DescribedRoutes) -> dict[str, Any]:
    """The request body in OpenAPI: one content type for each registered format."""
    return {"requestBody": partial(_described, api)}


def _described(api: DescribedRoutes) -> dict[str, Any]:
    content, schemas = parse_body(PaymentDocument)
    api.components_schemas.update(schemas)
    as_json = content[_JSON].model_dump(by_alias=True, exclude_unset=True)
    text = {"schema": {"type": "string"}}
    media = {name: as_json if name == _JSON else text for name in FORMATS}
    return {"required": True, "content": media}
