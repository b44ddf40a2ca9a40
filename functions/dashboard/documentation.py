"""The documentation of the API: Swagger UI at /docs, ReDoc at /redoc, without other hosts."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as BaseResponse

DOCUMENT: Final = Path(__file__).with_name(
    "openapi.json"
)  # written by `python -m infra.generate.openapi`
# For callers behind a gateway that routes /api only.
PUBLIC_DOCUMENT: Final = "/api/v1/openapi.json"
_PAGES: Final = Path(__file__).with_name("pages")
_SOURCES: Final = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_REDOC_NEEDS: Final = {
    "worker-src": "blob:",  # the search of ReDoc
    # The hashes of the empty element of styled-components, and of the element of the scroll bar.
    "style-src": "'self' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
    "'sha256-QMIg+bpjm3JdElJ388KYke01izlUW0UoNOeKjpMxdgc='",
}


@dataclass(frozen=True, slots=True)
class _Reader:
    """A page that shows the OpenAPI document: its path, its files and the package of its assets."""

    path: str
    name: str
    package: str
    needs: Mapping[str, str]

    @property
    def policy(self) -> str:
        """The Content-Security-Policy: no other hosts, and no inline scripts."""
        sources = {**_SOURCES, **self.needs}
        return "; ".join(f"{what} {where}" for what, where in sources.items())

    @property
    def assets(self) -> Path:
        """The folder of the package's assets; no code of the package runs here."""
        found = find_spec(self.package)
        if found is None or found.origin is None:
            raise ImportError(f"{self.package} is not installed")
        return Path(found.origin).parent / "templates" / self.name


_READERS: Final = (
    _Reader("/docs", "swagger", "flask_openapi3_swagger", {}),
    _Reader("/redoc", "redoc", "flask_openapi3_redoc", _REDOC_NEEDS),
)


def routes() -> Blueprint:
    """The routes of the pages, of their assets and of the OpenAPI document."""
    blueprint = Blueprint("documentation", __name__)
    blueprint.add_url_rule("/", "home", lambda: redirect("/docs"))
    blueprint.add_url_rule("/openapi.json", "document", _document)
    blueprint.add_url_rule(PUBLIC_DOCUMENT, "public_document", _document)
    for reader in _READERS:
        _add(blueprint, reader)
    return blueprint


def _document() -> Response:
    return _sent(DOCUMENT, "application/json")


def _add(blueprint: Blueprint, reader: _Reader) -> None:
    assets = reader.assets

    def page() -> Response:
        response = _sent(_PAGES / f"{reader.name}.html", "text/html")
        response.headers["Content-Security-Policy"] = reader.policy
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    def start() -> Response:
        return _sent(_PAGES / f"{reader.name}.js", "text/javascript")

    def asset(name: str) -> BaseResponse:
        return send_from_directory(assets, name)

    blueprint.add_url_rule(reader.path, f"{reader.name}_page", page)
    blueprint.add_url_rule(f"{reader.path}/start.js", f"{reader.name}_start", start)
    blueprint.add_url_rule(f"{reader.path}/assets/<path:name>", f"{reader.name}_asset", asset)


def _sent(file: Path, media: str) -> Response:
    return Response(file.read_bytes(), mimetype=media)
