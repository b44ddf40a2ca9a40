"""Changes of lists wait for the approval of another person."""

from werkzeug.test import Client

from tests.functions.caller import (
    ENTRIES,
    LISTS,
    PROPOSALS,
    imported,
    said,
    values,
)
from tests.functions.proposing import approved


def test_lists_and_their_entries_need_approval(author: Client, manager: Client) -> None:
    """A list decides payments as a rule does."""
    entry = {"value": "ACC-00000001", "reason": "mule"}
    new = said(author.post(LISTS, json={"name": "vip", "description": "good"}), 202)
    put = said(author.post(ENTRIES, json=entry), 202)
    drop = said(author.delete(f"{LISTS}allow"), 202)
    assert values(manager) == []

    for proposal in (new, put, drop):
        assert approved(manager, proposal)["status"] == "approved"

    assert (put["before"], put["after"]["value"]) == ({}, "****0001")
    assert values(manager) == ["ACC-00000001"]
    names = [each["name"] for each in said(manager.get(LISTS))["items"]]
    assert names == ["block", "mule", "own", "vip"]
    gone = said(author.delete(f"{ENTRIES}/ACC-00000001"), 202)
    approved(manager, gone)
    assert values(manager) == []


def test_two_entries_of_one_list_do_not_make_each_other_stale(
    author: Client, manager: Client
) -> None:
    """Several authors add accounts to one list each day."""
    both = [said(author.post(ENTRIES, json={"value": each}), 202) for each in ("a-1", "a-2")]

    for proposal in both:
        approved(manager, proposal)

    assert values(manager) == ["a-1", "a-2"]


def test_an_import_is_approved_as_one_and_can_be_read_before(
    author: Client, manager: Client
) -> None:
    """An approver must see what is in the file, and the file cannot change after the proposal."""
    proposal = said(imported(author, "value,reason,expires_at\r\na-1,'=x,\r\na-2,,\r\n"), 202)
    file = f"{PROPOSALS}{proposal['id']}/entries"

    assert author.get(file).status_code == 403
    assert manager.get(file).text == "value,reason,expires_at\r\na-1,'=x,\r\na-2,,\r\n"
    assert (proposal["change"]["entries"], values(manager)) == (2, [])

    approved(manager, proposal)
    assert values(manager) == ["a-1", "a-2"]
