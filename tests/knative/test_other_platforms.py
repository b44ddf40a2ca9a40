"""func.yaml and OpenFaaS's stack.yaml agree with the Knative Services."""

from typing import Any

import pytest
import yaml

from infra.devstack.stack.topology import CONNECTIONS, FUNCTIONS, Function
from risksentinel.events.registry import consumed_topics
from tests.knative.kustomized import ROOT, Manifest, container, services
from tests.knative.test_numbers import scale
from tests.knative.test_settings import KNOWN

FUNC = {
    each: yaml.safe_load((ROOT / "functions" / each.target / "func.yaml").read_text())
    for each in FUNCTIONS
}
OPENFAAS: dict[str, Any] = yaml.safe_load((ROOT / "infra/openfaas/stack.yaml").read_text())[
    "functions"
]


def service_of(function: Function) -> Manifest:
    """Return the function's Knative Service in the overlay laptop."""
    return services("laptop")[function.name]


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_func_deploys_the_same_image_with_the_same_bounds(function: Function) -> None:
    """func.yaml has the same image and limits."""
    service, func = service_of(function), FUNC[function]
    given, deploy = container(service), func["deploy"]
    limits = dict(deploy["options"]["resources"]["limits"])

    assert func["name"] == deploy["serviceAccountName"] == function.name
    assert func["image"] == deploy["image"] == given["image"]
    assert deploy["options"]["scale"]["max"] == scale(service, "max")
    concurrency = service["spec"]["template"]["spec"]["containerConcurrency"]
    assert limits.pop("concurrency") == concurrency
    assert limits == _known_to_func(given["resources"]["limits"])
    assert deploy["options"]["resources"]["requests"] == _known_to_func(
        given["resources"]["requests"]
    )
    assert deploy["healthEndpoints"] == {
        "liveness": given["livenessProbe"]["httpGet"]["path"],
        "readiness": given["readinessProbe"]["httpGet"]["path"],
    }


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_func_has_the_same_settings(function: Function) -> None:
    """func.yaml has the same settings, because a missing one would have its default."""
    given = container(service_of(function))
    secrets = [each["secretRef"]["name"] for each in given["envFrom"] if "secretRef" in each]
    templates = ["configMap:settings", *(f"secret:{name}" for name in secrets)]

    envs = FUNC[function]["run"]["envs"]

    assert [each for each in envs if "name" in each] == given["env"]
    assert {each["value"] for each in envs if "name" not in each} == {
        f"{{{{ {template} }}}}" for template in templates
    }


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_openfaas_deploys_the_same_image_with_the_same_bounds(function: Function) -> None:
    """stack.yaml has the same image and limits."""
    service, stated = service_of(function), OPENFAAS[function.name]

    assert stated["image"] == container(service)["image"]
    assert stated["labels"]["com.openfaas.scale.max"] == str(scale(service, "max"))
    assert stated["labels"]["com.openfaas.scale.target"] == stated["environment"]["THREADS"]
    assert stated["annotations"].get("topic", "") == ",".join(consumed_topics(function.name))
    assert stated["environment"].keys() <= KNOWN


def test_openfaas_has_all_functions_and_all_connections() -> None:
    """stack.yaml has all functions and all connection settings."""
    assert OPENFAAS.keys() == {function.name for function in FUNCTIONS}
    assert set(CONNECTIONS) <= OPENFAAS["ingest"]["environment"].keys()


def _known_to_func(resources: Manifest) -> Manifest:
    """Return the resources without ephemeral storage, which func.yaml does not have."""
    return {name: each for name, each in resources.items() if name != "ephemeral-storage"}
