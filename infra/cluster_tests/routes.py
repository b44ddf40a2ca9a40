"""Finds the function of a path from the gateway's HTTPRoutes."""

from collections.abc import Iterable, Mapping

from infra.cluster_tests.api import Object


def routes_of(objects: Iterable[Object]) -> Mapping[str, str]:
    """Return the function of each path prefix, from the host name that the route sets."""
    found: dict[str, str] = {}
    for route in objects:
        if route["kind"] != "HTTPRoute":
            continue
        for rule in route["spec"]["rules"]:
            (host,) = _hosts(rule)
            found |= {match["path"]["value"]: host.partition(".")[0] for match in rule["matches"]}
    return found


def function_of(path: str, routes: Mapping[str, str]) -> str:
    """Return the function of a path: the longest prefix of whole segments wins."""
    fitting = [prefix for prefix in routes if f"{path}/".startswith(f"{prefix.rstrip('/')}/")]
    return routes[max(fitting, key=len)]


def _hosts(rule: Object) -> list[str]:
    return [
        each["urlRewrite"]["hostname"] for each in rule["filters"] if each["type"] == "URLRewrite"
    ]
