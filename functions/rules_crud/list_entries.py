"""The routes of single entries; a change is in force in every function within two seconds."""

from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from flask import Response, jsonify
from pydantic import Field

from functions.rules_crud.list_documents import (
    EntryBody,
    EntryContent,
    EntryPage,
    EntryPath,
    EntryResponse,
    ListPath,
    Value,
    entry_response,
)
from functions.rules_crud.lists import PATH, TAG
from functions.rules_crud.proposal_documents import ReasonHeader
from functions.rules_crud.proposed import PROPOSED, Proposing
from risksentinel.domain.named_list import Entry, EntryDraft
from risksentinel.domain.proposal import ProposalKind
from risksentinel.errors import Forbidden
from risksentinel.http.access import caller, hides_accounts
from risksentinel.http.cursor_pages import CURSOR, PageQuery, ValueCursor, page_response
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.problem_document import ProblemDocument
from risksentinel.ports.environment import Clock
from risksentinel.ports.lists import ListRecords
from risksentinel.ports.pages import Page
from risksentinel.usecases.apply_change import of_entry
from risksentinel.usecases.record_read import RecordRead
from risksentinel.usecases.write_list import WriteList, WrittenEntry

_MASKED_PAGES: Final = "the pages of a list need the right accounts.read: ask by value instead"


class EntryQuery(PageQuery):
    """The filter and the page of the entries of a list."""

    cursor: ValueCursor | None = Field(None, description=CURSOR)
    value: Value | None = Field(
        None, description="Only the entry of this value; case and blanks at both ends are ignored"
    )


def routes(
    records: ListRecords,
    write: WriteList,
    clock: Clock,
    record_read: RecordRead,
    propose: Proposing | None,
) -> DescribedRoutes:
    """The routes of a list's entries; with `propose` they propose the change."""
    api = DescribedRoutes("list_entries", __name__, url_prefix=PATH, abp_tags=[TAG])

    @api.get(
        "/<name>/entries",
        summary="List the entries of a list",
        description="Sorted by value without case, in pages. A caller without the right "
        "accounts.read gets masked values, and only the first page: a cursor contains a value.",
        responses={200: EntryPage, 404: ProblemDocument},
    )
    def listed(path: ListPath, query: EntryQuery) -> Response:
        if hides_accounts() and query.cursor is not None:
            raise Forbidden(_MASKED_PAGES)
        named, now = records.named(path.name), clock()
        record_read(caller(), "list", named.name)
        return page_response(
            query,
            lambda after, most: _shown(records.entries(named, after, most, value=query.value)),
            lambda entry: entry_response(entry, now),
        )

    @api.post(
        "/<name>/entries",
        summary="Put an entry on a list",
        description="201 if the value is new; 200 if the value is on the list already: its reason "
        "and expiry are replaced.",
        responses={
            201: EntryResponse,
            200: EntryResponse,
            **PROPOSED,
            404: ProblemDocument,
            409: ProblemDocument,
        },
    )
    def added(path: ListPath, header: ReasonHeader, body: EntryBody) -> Response:
        return changed(path.name, body.draft(body.value), header)

    @api.put(
        "/<name>/entries/<path:value>",
        summary="Put an entry on a list, or replace it",
        responses={
            201: EntryResponse,
            200: EntryResponse,
            **PROPOSED,
            404: ProblemDocument,
            409: ProblemDocument,
        },
    )
    def put(path: EntryPath, header: ReasonHeader, body: EntryContent) -> Response:
        return changed(path.name, body.draft(path.value), header)

    @api.delete(
        "/<name>/entries/<path:value>",
        summary="Remove an entry from a list",
        description="Case and blanks at both ends of the value are ignored.",
        responses={204: None, **PROPOSED, 404: ProblemDocument},
    )
    def removed(path: EntryPath, header: ReasonHeader) -> Response:
        if propose:
            gone = of_entry(EntryDraft(path.value))
            return propose(ProposalKind.LIST_ENTRY_REMOVE, path.name, gone, header)
        write.remove(path.name, path.value, caller().name)
        return Response(status=HTTPStatus.NO_CONTENT)

    def changed(name: str, draft: EntryDraft, header: ReasonHeader) -> Response:
        if propose:
            return propose(ProposalKind.LIST_ENTRY_PUT, name, of_entry(draft), header)
        return _answer(name, write.put(name, draft, caller().name), clock)

    return api


def _shown(page: Page[Entry]) -> Page[Entry]:
    """The page; for a caller that must not see values, without its cursor."""
    return Page(page.items, None) if hides_accounts() else page


def _answer(name: str, written: WrittenEntry, clock: Clock) -> Response:
    response = jsonify(entry_response(written.entry, clock()))
    response.status_code = HTTPStatus.CREATED if written.is_new else HTTPStatus.OK
    response.headers["Location"] = f"{PATH}/{name}/entries/{quote(written.entry.value, safe='')}"
    return response
