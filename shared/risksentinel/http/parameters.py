"""Parameters: the query, path or header parameters of a route."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, get_type_hints

from flask import Response, request
from pydantic import BaseModel, ValidationError
from typing_extensions import override

from risksentinel.http.validation_faults import refuse


class Parameters(BaseModel):
    """Query, path or header parameters of a route."""

    @override
    @classmethod
    @cache
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:  # type: ignore[override]  # cached
        """The schema, cached: flask-openapi3 requests it for each request, which costs 0.4 ms."""
        return super().model_json_schema(*args, **kwargs)


def reads_headers(view: Callable[..., Response]) -> Callable[..., Response]:
    """Validate the view's argument `header` from the headers that its model names.

    flask-openapi3 documents the argument; its own validation copies every header of the request.
    """
    model: type[BaseModel] = get_type_hints(view)["header"]
    names = [field.alias or name for name, field in model.model_fields.items()]

    @wraps(view)
    def validated() -> Response:
        given = request.headers
        stated = {name: value for name in names if (value := given.get(name)) is not None}
        try:
            header = model.model_validate(stated)
        except ValidationError as error:
            refuse(error)
        return view(header=header)

    validated.__delay_validate_request__ = True  # type: ignore[attr-defined]  # read by flask-openapi3
    return validated
