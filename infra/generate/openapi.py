"""openapi: generates one OpenAPI document from the routes of all five functions.

`python -m infra.generate.openapi` writes the document; with `--check` it compares the file, and
exits with 1 on a difference.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from functions.dashboard.documentation import DOCUMENT
from infra.generate.openapi_links import link
from infra.generate.openapi_security import SCHEMES, secure
from infra.generate.written_file import write_or_compare
from risksentinel.assembly.container import Container
from risksentinel.embedded.functions import FUNCTIONS
from risksentinel.embedded.gateway import PAGE_OWNER, owner_of
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings

_DESCRIPTION: Final = (
    "Real-time payment fraud scoring, explained in words that an analyst can act on. "
    "Errors are problems (RFC 9457) with every fault and its path. "
    "A path may end with a slash or not: both are answered alike. "
    "Callers send an API key or an OpenID Connect access token as a bearer token; an operation "
    "names the right that it needs. A caller without the right `accounts.read` sees masked account "
    "numbers. Without the setting AUTH, on loopback, no credentials are needed."
)
_LICENSE: Final = {"name": "MIT", "identifier": "MIT"}
Document = dict[str, Any]


def documents() -> dict[str, Document]:
    """Return the OpenAPI document of each function."""
    with TemporaryDirectory() as folder:
        settings = Settings(risksentinel_home=Path(folder))
        migrate(settings.database)
        container = Container(settings)
        try:
            return {name: build(container).api_doc for name, build in FUNCTIONS.items()}
        finally:
            container.close()


def merged(parts: Mapping[str, Document]) -> Document:
    """Merge the documents: each path comes from the function that the gateway routes it to."""
    paths = {
        path.rstrip("/"): _named(path, operations)
        for name, part in parts.items()
        for path, operations in part["paths"].items()
        if owner_of(path) == name
    }
    link(paths)
    secure(paths)
    return {
        "openapi": "3.1.0",
        "info": {
            **parts[PAGE_OWNER]["info"],
            "description": _DESCRIPTION,
            "license": _LICENSE,
        },
        "servers": [{"url": "/"}],
        "tags": _tags(parts),
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(_schemas(parts).items())),
            "securitySchemes": {**SCHEMES},
        },
    }


def text() -> str:
    """Return the merged document as the text of the file."""
    return json.dumps(merged(documents()), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the file, or compare it; return 1 if the file is outdated."""
    return write_or_compare(DOCUMENT, text(), arguments, "python -m infra.generate.openapi")


def _named(path: str, operations: Document) -> Document:
    for method, operation in operations.items():
        operation["operationId"] = _operation_id(method, path)
        for parameter in operation.get("parameters", ()):
            parameter["schema"] = _never_null(parameter["schema"])
    return operations


def _never_null(schema: Document) -> Document:
    """Remove null from the schema of an optional parameter: a missing parameter is not null."""
    kept = {name: value for name, value in schema.items() if value is not None}
    kinds = [kind for kind in kept.pop("anyOf", []) if kind != {"type": "null"}]
    return {**kept, **kinds[0]} if kinds else kept


def _operation_id(method: str, path: str) -> str:
    """Return a stable operation id from method and path, independent of the Python name."""
    words = re.findall(r"[a-z_]+", path.removeprefix("/api/v1").replace("-", "_"))
    public = "" if path.startswith("/api/v1/") else "own_"
    return f"{method}_{public}{'_'.join(words)}"


def _tags(parts: Mapping[str, Document]) -> list[Document]:
    tags = {tag["name"]: tag for part in parts.values() for tag in part.get("tags", ())}
    return [tags[name] for name in sorted(tags)]


def _schemas(parts: Mapping[str, Document]) -> Document:
    schemas: Document = {}
    for part in parts.values():
        for name, schema in part["components"]["schemas"].items():
            if schemas.setdefault(name, schema) != schema:
                raise ValueError(f"two functions have different schemas named {name}")
    return schemas


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
