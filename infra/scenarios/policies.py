"""put_in_force: the contents of a policy as the live version of a new engine."""

from collections.abc import Mapping
from http import HTTPStatus
from time import sleep
from typing import Any, Final

import urllib3

from risksentinel.errors import Rejected
from risksentinel.text import strict_json

_PATH: Final = "/api/v1/policies/"
_IN_FORCE_SECONDS: Final = 2.1
_DONE: Final = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})


def put_in_force(url: str, contents: Mapping[str, Any]) -> None:
    """Make a draft of the contents, promote it, and wait until it decides.

    Scenarios are dated in the past, so no payment is late: the bound of lateness is off.

    Raises:
        Rejected: the engine refuses the contents.
    """
    members = {name: contents[name] for name in ("settings", "rules", "model") if name in contents}
    members["settings"] = {**members.get("settings", {}), "max_lateness_seconds": None}
    headers = {"Content-Type": "application/json"}
    with urllib3.PoolManager() as pool:
        draft = _posted(pool, url, _PATH, {"contents": members, "note": "policy test"}, headers)
        found = pool.request("GET", f"{url}{_PATH}{draft['number']}/diff")
        changes = strict_json.decode(found.data)
        if changes["settings"] or any(changes["rules"].values()) or changes["model"]:
            _posted(pool, url, f"{_PATH}{draft['number']}/promote", {}, headers)
    sleep(_IN_FORCE_SECONDS)


def _posted(
    pool: urllib3.PoolManager,
    url: str,
    path: str,
    document: Mapping[str, Any],
    headers: Mapping[str, str],
) -> dict[str, Any]:
    body = strict_json.encode(dict(document))
    answer = pool.request("POST", url + path, body=body, headers=dict(headers))
    found: dict[str, Any] = strict_json.decode(answer.data)
    if answer.status not in _DONE:
        faults = found.get("errors") or [{"path": "", "message": found.get("detail", "")}]
        words = "; ".join(f"{each['path']} {each['message']}".strip() for each in faults)
        raise Rejected(f"the policy is refused: {words}")
    return found
