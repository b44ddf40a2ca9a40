"""The routes of named lists as CSV: atomic import, and export as a stream."""

import io
from collections.abc import Iterator
from typing import Any, Final

from flask import Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from functions.rules_crud.list_documents import ImportResponse, ListPath
from functions.rules_crud.lists import PATH, TAG
from functions.rules_crud.proposal_documents import ReasonHeader
from functions.rules_crud.proposed import PROPOSED, Proposing
from risksentinel.domain.list_csv import COLUMNS, read_entries, written
from risksentinel.domain.named_list import Entry, NamedList
from risksentinel.errors import Malformed
from risksentinel.http.access import caller
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.http.requests import states_utf8
from risksentinel.ports.lists import ListRecords
from risksentinel.usecases.apply_change import proposed_import
from risksentinel.usecases.record_read import RecordRead
from risksentinel.usecases.write_list import WriteList

MAX_IMPORT_BYTES: Final = 4 * 1024 * 1024
MAX_IMPORT_ENTRIES: Final = 50_000  # in one request: other writers wait for its commit
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
    """The Content-Type is not CSV."""

    description = "Send the entries as text/csv in UTF-8"


def routes(
    records: ListRecords, write: WriteList, record_read: RecordRead, propose: Proposing | None
) -> DescribedRoutes:
    """The routes that import and export lists; with `propose` an import is proposed."""
    api = DescribedRoutes("list_files", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.post(
        "/<name>/import",
        summary="Import entries from CSV",
        description="The first line has the names of the columns: value, and optionally reason and "
        "expires_at. All entries are imported or none; the errors have line numbers. At most "
        f"{MAX_IMPORT_ENTRIES:,} entries and {MAX_IMPORT_BYTES // 1024 // 1024} MiB a request; "
        "split larger files, or use `risksentinel lists import`.",
        responses={200: ImportResponse, **PROPOSED, 404: ProblemDocument, 409: ProblemDocument},
        openapi_extensions=_BODY,
    )
    def imported(path: ListPath, header: ReasonHeader) -> Response:
        named = records.named(path.name)
        drafts = list(read_entries(_lines()))
        if len(drafts) > MAX_IMPORT_ENTRIES:
            raise Malformed(f"at most {MAX_IMPORT_ENTRIES} entries a request: split the file")
        if propose:
            return propose.of(proposed_import(named.name, drafts, header.reason or ""))
        changed = write.put_many(named.name, drafts, caller().name)
        return jsonify(ImportResponse.serialize(changed))

    @api.get(
        "/<name>/export",
        summary="Export a list as CSV",
        description=f"The columns are {', '.join(COLUMNS)}; an import accepts all of them and sets "
        "the last two itself. A cell that a spreadsheet would read as a formula begins with an "
        "apostrophe, which an import removes.",
        responses={
            200: {
                "description": "The entries, sorted by value",
                "content": {_CSV: {"schema": {"type": "string"}}},
            },
            404: ProblemDocument,
        },
    )
    def exported(path: ListPath) -> Response:
        named = records.named(path.name)
        record_read(caller(), "list", named.name)
        lines = written(_all(records, named))
        disposition = f'attachment; filename="{named.name}.csv"'
        headers = {"Content-Disposition": disposition}
        return Response(lines, headers=headers, content_type=f"{_CSV}; charset=utf-8")

    return api


def _lines() -> Iterator[str]:
    """The lines of the body.

    Raises:
        NoCsv: the Content-Type is not CSV.
        Malformed: the body is not UTF-8.
    """
    if request.mimetype != _CSV or not states_utf8(request):
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
