"""DescribedRoutes: a blueprint that describes its routes in OpenAPI when a document is generated.

The descriptions of all routes take a tenth of a cold start, and no request reads them: the
dashboard serves a document that was generated before.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.types import ParametersTuple
from flask_openapi3.utils import parse_parameters
from typing_extensions import override


class DescribedRoutes(APIBlueprint):
    """A blueprint of flask-openapi3; a value of `openapi_extensions` may be a function."""

    @override
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._undescribed: list[Callable[[], object]] = []

    def describe(self, url_prefix: str | None) -> None:
        """Fill `paths`, `tags` and `components_schemas`; `url_prefix` is that of the app."""
        if url_prefix is not None:
            self.url_prefix = url_prefix
        for description in self._undescribed:
            description()
        self._undescribed.clear()

    @override
    def _collect_openapi_info(
        self,
        rule: str,
        func: Callable[..., Any],
        *,
        openapi_extensions: Mapping[str, Any] | None = None,
        **described: Any,
    ) -> ParametersTuple:
        describe = super()._collect_openapi_info

        def description() -> None:
            values = openapi_extensions or {}
            extensions = {
                name: value() if callable(value) else value for name, value in values.items()
            }
            describe(rule, func, openapi_extensions=extensions, **described)

        self._undescribed.append(description)
        return parse_parameters(func, doc_ui=False)
