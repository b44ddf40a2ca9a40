"""Inclusion proofs over HTTP, checked by the script of the documentation."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from risksentinel.assembly.container import Container
from tests.functions.caller import caller, said

SCRIPT: Final = Path(__file__).parents[2] / "docs" / "ledger-proof.py"
ENTRIES: Final = "/api/v1/ledger/entries"


def checked(proof: object, *root: str) -> subprocess.CompletedProcess[str]:
    """The result of the script."""
    command = [sys.executable, "-I", str(SCRIPT), *root]
    return subprocess.run(  # noqa: S603 - the command is a constant
        command, input=json.dumps(proof), capture_output=True, text=True, check=False
    )


def test_every_entry_is_proven_to_a_third_party(container: Container) -> None:
    """A regulator must not need our code, nor trust our answer."""
    api = caller(container)
    head = said(api.get("/api/v1/ledger/head"))
    entries = said(api.get(f"{ENTRIES}?limit=200"))["items"]

    proofs = [said(api.get(f"/api/v1/ledger/proof/{entry['id']}")) for entry in entries]

    assert head["size"] == len(entries) > 10
    assert [proof["entry"] for proof in proofs] == entries
    for proof in (proofs[0], proofs[5], proofs[-1]):
        assert checked(proof, head["root"]).returncode == 0
    assert sorted(proof["sequence"] for proof in proofs) == list(range(len(entries)))


def test_a_forged_entry_is_refused_by_the_script(container: Container) -> None:
    """A script that accepts everything proves nothing."""
    api = caller(container)
    entry = said(api.get(f"{ENTRIES}?action=transaction.labelled"))["items"][-1]
    proof = said(api.get(f"/api/v1/ledger/proof/{entry['id']}"))

    forged: list[dict[str, Any]] = [
        {**proof, "entry": {**entry, "actor": "ceo"}},
        {**proof, "sequence": proof["sequence"] - 1},
        {**proof, "path": proof["path"][:-1]},
        {**proof, "path": [*proof["path"], proof["path"][0]]},
    ]

    assert [checked(each).returncode for each in forged] == [1] * 4
    assert checked(proof).returncode == 0


def test_entries_are_filtered_and_paged(container: Container) -> None:
    """An auditor asks who did what to which subject."""
    api = caller(container)

    def actions(query: str) -> list[str]:
        return [each["action"] for each in said(api.get(f"{ENTRIES}?{query}"))["items"]]

    assert actions("subject=p-1") == ["transaction.labelled", "transaction.scored"]
    assert actions("action=list.created") == ["list.created"]
    assert actions("actor=unknown") == []
    assert actions("from=2026-05-02T00:00:00Z") == []
    first = said(api.get(f"{ENTRIES}?limit=3"))
    second = said(api.get(f"{ENTRIES}?limit=3&cursor={first['next_cursor']}"))
    ids = [each["id"] for page in (first, second) for each in page["items"]]
    assert ids == sorted(ids, reverse=True)
    assert len(set(ids)) == 6


def test_an_entry_that_does_not_exist_has_no_proof(container: Container) -> None:
    """An unknown id is not a fault of the server."""
    assert caller(container).get("/api/v1/ledger/proof/999999").status_code == 404
