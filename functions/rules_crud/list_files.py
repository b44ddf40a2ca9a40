"""Named lists as CSV: imported whole or not at all, exported as a stream."""

import io
from collections.abc import Iterator
from typing import Any, Final

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from werkzeug.exceptions import UnsupportedMediaType

from functions.rules_crud.list_documents import ImportResponse, ListPath
from functions.rules_crud.lists import PATH, TAG
from risksentinel.domain.list_csv import COLUMNS, read_entries, written
from risksentinel.domain.named_list import Entry, NamedList
from risksentinel.errors import Malformed
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.version_tags import ActorHeader
from risksentinel.ports.lists import ListRecords
from risksentinel.usecases.write_list import WriteList

MAX_IMPORT_BYTES: Final = 4 * 1024 * 1024
MAX_IMPORT_ENTRIES: Final = 50_000  # of one request: other writers wait for its commit
_PAGE: Final = 1000
_CSV: Final = "text/csv"
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            _CSV: {
                "schema": {"type": "string"},
                "examples": {
                    "two": {"value": "value,reason,expires_at\r\nACC-1,mule,\r\nACC-2,,\r\n"}
                },
            }
        },
    }
}


class NoCsv(UnsupportedMediaType):
    """The body says that it is something else."""

    description = "Send the entries as text/csv in UTF-8"


def routes(records: ListRecords, write: WriteList) -> APIBlueprint:
    """The routes of lists as files."""
    api = APIBlueprint("list_files", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/<name>/import",
        summary="Import entries from CSV",
        description="The first line names the columns: value, and reason and expires_at if there "
        "are any. All of it or nothing: each faulty line is told with its number. At most "
        f"{MAX_IMPORT_ENTRIES:,} entries and {MAX_IMPORT_BYTES // 1024 // 1024} MiB a request; "
        "larger files go in several, or by `risksentinel lists import`.",
        responses={200: ImportResponse, 404: ProblemDocument, 409: ProblemDocument},
        openapi_extensions=_BODY,
    )
    def imported(path: ListPath, header: ActorHeader) -> Response:
        named = records.named(path.name)
        drafts = list(read_entries(_lines()))
        if len(drafts) > MAX_IMPORT_ENTRIES:
            raise Malformed(f"at most {MAX_IMPORT_ENTRIES} entries a request: send it in parts")
        changed = write.put_many(named.name, drafts, header.actor)
        return jsonify(ImportResponse.serialize(changed))

    @api.get(
        "/<name>/export",
        summary="Export a list as CSV",
        description=f"Columns {', '.join(COLUMNS)}; an import takes them all, and makes the last "
        "two anew. A cell that a spreadsheet would take for a formula begins with an apostrophe, "
        "which an import takes away again.",
        responses={
            200: {
                "description": "The entries, by value",
                "content": {_CSV: {"schema": {"type": "string"}}},
            },
            404: ProblemDocument,
        },
    )
    def exported(path: ListPath) -> Response:
        named = records.named(path.name)
        lines = written(_all(records, named))
        disposition = f'attachment; filename="{named.name}.csv"'
        headers = {"Content-Disposition": disposition}
        return Response(lines, headers=headers, content_type=f"{_CSV}; charset=utf-8")

    return api


def _lines() -> Iterator[str]:
    """The lines of the body.

    Raises:
        NoCsv: it says that it is no CSV.
        Malformed: it is not UTF-8.
    """
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != _CSV or charset not in {"utf-8", "utf8", "us-ascii"}:
        raise NoCsv
    request.max_content_length = MAX_IMPORT_BYTES
    try:
        return io.StringIO(request.get_data(cache=False).decode("utf-8-sig"), newline="")
    except UnicodeDecodeError:
        raise Malformed("is not UTF-8") from None


def _all(records: ListRecords, named: NamedList) -> Iterator[Entry]:
    after: tuple[str, ...] | None = None
    while True:
        page = records.entries(named, after, _PAGE)
        yield from page.items
        after = page.following
        if after is None:
            return
