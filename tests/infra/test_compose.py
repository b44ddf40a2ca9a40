import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from infra.devstack.servers.programs import built
from infra.devstack.stack.servers import OWN
from infra.devstack.stack.topology import (
    BUCKET,
    CONNECTIONS,
    FUNCTIONS,
    SOURCES,
    SWEEP,
    Function,
    Source,
    variable,
)
from risksentinel.embedded.gateway import PUBLIC_FUNCTIONS

ROOT = Path(__file__).parents[2]
SERVERS = {"postgres", "redis", "kafka", "minio"}


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services, read with Compose's own loader."""
    command = [built("compose"), "-format", "json", "docker-compose.yml"]
    read = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert read.returncode == 0, read.stderr
    found: dict[str, Any] = json.loads(read.stdout)["services"]
    return found


def test_has_the_services_of_the_stack_and_no_others(services: dict[str, Any]) -> None:
    """Compose and the stack have the same services."""
    programs = {each.name for each in FUNCTIONS} | {each.name for each in SOURCES}

    assert set(services) == SERVERS | programs | {"provision", "timer", "gateway"}
    assert len(SERVERS) == len(OWN)


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
def test_a_function_is_built_alone_and_gets_every_connection(
    function: Function, services: dict[str, Any]
) -> None:
    """Each function has its own image and all connection settings."""
    service = services[function.name]

    assert service["build"]["args"] == {"FUNCTION": function.target}
    assert set(CONNECTIONS) <= set(service["environment"])
    assert service["environment"]["MODEL_URI"] == f"s3://{BUCKET}"
    assert "ports" not in service


def test_only_provision_logs_in_as_the_owner_of_the_tables(services: dict[str, Any]) -> None:
    """A function that is taken over must not change the ledger."""
    owner = services["postgres"]["environment"]["POSTGRES_USER"]
    users = {
        name: make_url(service["environment"]["DATABASE_URL"]).username
        for name, service in services.items()
        if "DATABASE_URL" in service["environment"]
    }

    assert {name for name, user in users.items() if user == owner} == {"provision"}
    made = services["provision"]["environment"]["FUNCTIONS_DATABASE_URL"]
    assert {services[each.name]["environment"]["DATABASE_URL"] for each in FUNCTIONS} == {made}


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_sources_have_the_same_arguments(source: Source, services: dict[str, Any]) -> None:
    """Sources have the same topics, groups and batch sizes as in the stack."""
    arguments = source.arguments(f"http://{source.function}:8080", "0.0.0.0", 9090)  # noqa: S104 - in a container

    assert services[source.name]["command"] == ["python", "-m", "infra.kafka_source", *arguments]


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_source_is_healthy_while_it_polls_and_its_sink_answers(
    source: Source, services: dict[str, Any]
) -> None:
    """The check of a source fails when the source is stalled."""
    probe = services[source.name]["healthcheck"]["test"]

    assert probe[-1] == "http://127.0.0.1:9090/health/readiness"


def test_the_gateway_knows_its_functions_and_is_for_this_machine_only(
    services: dict[str, Any],
) -> None:
    """The gateway is published on loopback only, because the API has no authentication."""
    gateway = services["gateway"]
    addresses = {variable(name): f"http://{name}:8080" for name in PUBLIC_FUNCTIONS}

    assert addresses.items() <= gateway["environment"].items()
    assert [port["host_ip"] for port in gateway["ports"]] == ["127.0.0.1"]
    assert [name for name, service in services.items() if "ports" in service] == ["gateway"]


def test_the_timer_sweeps_where_the_stack_s_does(services: dict[str, Any]) -> None:
    """The timer sweeps the outbox at the same address as in the stack."""
    function, path = SWEEP

    assert services["timer"]["command"][-1] == f"http://{function}:8080{path}"


def test_no_program_is_privileged(services: dict[str, Any]) -> None:
    """The containers are read-only and without privileges."""
    for service in (each for name, each in services.items() if name not in SERVERS):
        assert service["read_only"] is True
        assert service["tmpfs"] == ["/tmp", "/dev/shm"]  # noqa: S108 - in a container
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_servers_are_pinned_and_waited_for(services: dict[str, Any]) -> None:
    """Server images are pinned, and functions wait for healthy servers."""
    for name in SERVERS:
        assert re.search(r":[^:]*\d+\.\d+|:RELEASE\.", services[name]["image"])
        assert services[name]["healthcheck"]["test"]
    waiting = services["provision"]["depends_on"]
    assert {name: each["condition"] for name, each in waiting.items()} == dict.fromkeys(
        SERVERS - {"redis"}, "service_healthy"
    )
