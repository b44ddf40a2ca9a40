import pytest

from risksentinel.embedded.gateway import OWNERS, PAGE, PAGE_OWNER
from tests.knative.kustomized import OVERLAYS, objects, of_kind

NAMESPACE = "risksentinel"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_routes_are_those_of_the_local_gateway(overlay: str) -> None:
    """The routes of the cluster are those of the local gateway."""
    routes = of_kind("HTTPRoute", objects(overlay))
    found = {
        match["path"]["value"]: name
        for name, route in routes.items()
        for rule in route["spec"]["rules"]
        for match in rule.get("matches", [])
    }

    assert found == {**OWNERS, PAGE: PAGE_OWNER}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_no_route_leads_to_every_path(overlay: str) -> None:
    """A function has paths for the platform only, such as /metrics."""
    for route in of_kind("HTTPRoute", objects(overlay)).values():
        for rule in route["spec"]["rules"]:
            for match in rule.get("matches", []):
                path = match["path"]
                assert path["type"] == ("Exact" if path["value"] == PAGE else "PathPrefix")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_route_leads_to_its_function(overlay: str) -> None:
    """A route sets the host name by which Knative's ingress finds the function."""
    for name, route in of_kind("HTTPRoute", objects(overlay)).items():
        if name == "to-https":
            continue
        (rule,) = route["spec"]["rules"]
        (rewritten,) = rule["filters"]
        hostname = rewritten["urlRewrite"]["hostname"]
        assert hostname == f"{name}.{NAMESPACE}.svc.cluster.local"
        (backend,) = rule["backendRefs"]
        assert (backend["namespace"], backend["name"]) == ("kourier-system", "kourier-internal")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_route_s_gateway_exists(overlay: str) -> None:
    """Each route refers to an existing gateway."""
    listeners = {
        (gateway["metadata"]["name"], listener["name"])
        for gateway in of_kind("Gateway", objects(overlay)).values()
        for listener in gateway["spec"]["listeners"]
    }

    for route in of_kind("HTTPRoute", objects(overlay)).values():
        (parent,) = route["spec"]["parentRefs"]
        assert (parent["name"], parent.get("sectionName", "http")) in listeners
