"""Sequences of API calls that Schemathesis makes, in its own process, against a served engine.

The requests depend only on the OpenAPI document, the responses and the release of Schemathesis: in
this process, Hypothesis would also take constants from the modules that other tests have loaded.
A body with examples in the document is one of these examples: a random rule is almost never valid.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from functions.dashboard.documentation import DOCUMENT
from tests.flow.engine_process import BIN, TIMEOUT_SECONDS, EngineProcess, serving

CONFIGURATION: Final = Path(__file__).parents[2] / "docs" / "schemathesis.toml"
# Sequences by the first part of the paths. For rules, Schemathesis makes 20 times as many.
EXAMPLES: Final = {"transactions": 15, "rules": 8, "lists": 20}
BODIES: Final = 3  # examples of a body that the requests choose from
# The responses that the sequences must reach, by the same part: otherwise they prove nothing.
REACHED: Final = {
    "transactions": {
        "GET /api/v1/transactions/{transaction_id} 200",
        "GET /api/v1/transactions/{transaction_id}/score 200",
        "POST /api/v1/transactions/{transaction_id}/label 201",
    },
    "rules": {
        "GET /api/v1/rules/{rule_id} 200",
        "PATCH /api/v1/rules/{rule_id} 200",
        "DELETE /api/v1/rules/{rule_id} 200",
    },
    "lists": {
        "POST /api/v1/lists/{name}/entries 201",
        "PUT /api/v1/lists/{name}/entries/{value} 201",
        "DELETE /api/v1/lists/{name} 204",
    },
}


@pytest.mark.parametrize("part", REACHED)
def test_values_of_a_response_are_valid_in_the_next_request(part: str, tmp_path: Path) -> None:
    """A client creates, changes and deletes a resource; single requests do not test that."""
    (tmp_path / "home").mkdir()

    with serving(tmp_path / "home") as engine:
        ended = _sequences(engine, part, tmp_path)

    assert ended.returncode == 0, ended.stdout
    assert _answered(tmp_path / "calls.har") >= REACHED[part]


def _sequences(
    engine: EngineProcess, part: str, folder: Path
) -> "subprocess.CompletedProcess[str]":
    """Run Schemathesis without a seed, stored examples or timing checks: deterministically."""
    command = [str(BIN / "schemathesis"), "--no-color", "--config-file", str(CONFIGURATION), "run"]
    options = [
        *("--phases", "stateful", "--include-path-regex", f"^/api/v1/{part}", "-m", "positive"),
        *("--exclude-path-regex", "/(try|performance)$"),  # they change nothing
        *("-n", str(EXAMPLES[part]), "--generation-deterministic"),
        # The engine on loopback serves every caller; tests/functions/test_role_matrix.py has keys.
        *("--exclude-checks", "ignored_auth"),
        *("--suppress-health-check", "all", "--request-timeout", str(TIMEOUT_SECONDS)),
        *("--report", "har", "--report-har-path", str(folder / "calls.har")),
        *("--url", f"http://127.0.0.1:{engine.port}"),
    ]
    document = folder / "openapi.json"
    document.write_text(json.dumps(_with_example_bodies(json.loads(DOCUMENT.read_bytes()))))
    return subprocess.run(  # noqa: S603  # a program of the lock file
        [*command, str(document), *options],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _with_example_bodies(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with each JSON body that has examples limited to the first of them."""
    for operation in (each for item in document["paths"].values() for each in item.values()):
        content = operation.get("requestBody", {}).get("content", {}) if operation else {}
        examples = content.get("application/json", {}).get("examples", {})
        bodies = [_renamed(each["value"]) for each in examples.values()][:BODIES]
        if bodies:
            content["application/json"]["schema"] = {"enum": bodies}
    return document


def _renamed(body: dict[str, Any]) -> dict[str, Any]:
    """Return the body with another name: the default rules have the names of the examples."""
    return {**body, "name": f"{body['name']} again"} if "name" in body else body


def _answered(calls: Path) -> set[str]:
    """The method, the path in the OpenAPI document and the status of each call."""
    entries = json.loads(calls.read_text())["log"]["entries"]
    return {_described(entry["request"], entry["response"]["status"]) for entry in entries}


def _described(request: dict[str, Any], status: int) -> str:
    asked = re.sub(r"^http://[^/]+|/?(\?.*)?$", "", request["url"])
    paths = [path for path in json.loads(DOCUMENT.read_bytes())["paths"] if _fits(path, asked)]
    path = min(
        paths, key=lambda path: path.count("{"), default=asked
    )  # a fixed path before a path with an id
    return f"{request['method']} {path} {status}"


def _fits(path: str, asked: str) -> bool:
    return re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), asked) is not None
