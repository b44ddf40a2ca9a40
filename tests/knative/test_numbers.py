import math
import re
import runpy

import pytest

from risksentinel.adapters.sql.engine import POOL_SIZE
from risksentinel.assembly.relay_thread import STOP_SECONDS
from risksentinel.events.registry import consumed_topics
from tests.knative.kustomized import (
    OVERLAYS,
    ROOT,
    Manifest,
    container,
    objects,
    of_kind,
    services,
    settings,
)
from tests.knative.test_flow import knative_sources

MAX_CONNECTIONS = "risksentinel.za/postgresql-max-connections"
RESERVED = 3  # PostgreSQL's superuser_reserved_connections
JOBS = 3  # migrate, provision or seed, partitions
FAILOVER = 60  # seconds; the limit that managed PostgreSQL services state
OTHERS_ENDPOINTS = 90 * 60  # seconds of retries of an alert, as in embedded/topic_relays.py
HELD_UP = 614  # seconds for which Knative's default retries block a partition


def scale(service: Manifest, bound: str) -> int:
    """Return the minimum or maximum number of pods of a revision."""
    annotations = service["spec"]["template"]["metadata"]["annotations"]
    return int(annotations[f"autoscaling.knative.dev/{bound}-scale"])


def seconds(duration: str) -> float:
    """Return an ISO 8601 or Go duration in seconds."""
    (number,) = re.findall(r"^(?:PT)?([\d.]+)[sS]$", duration)
    return float(number)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_pod_gets_as_many_requests_as_it_has_threads(
    overlay: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More requests would wait in the pod unseen by the autoscaler; fewer would waste threads."""
    for service in services(overlay).values():
        (threads,) = container(service)["env"]
        monkeypatch.setenv("THREADS", threads["value"])

        served = runpy.run_path(str(ROOT / "infra" / "gunicorn.conf.py"))

        concurrency = service["spec"]["template"]["spec"]["containerConcurrency"]
        assert concurrency == served["workers"] * served["threads"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_connections_of_all_pods_fit_into_the_database(overlay: str) -> None:
    """The limit includes a rollout of the largest function, jobs, and an operator."""
    most = {name: scale(each, "max") for name, each in services(overlay).items()}
    there = int(settings(overlay)["metadata"]["annotations"][MAX_CONNECTIONS])

    needed = (sum(most.values()) + max(most.values()) + JOBS) * POOL_SIZE

    assert needed + RESERVED <= there


def test_a_laptop_s_database_has_the_annotated_connections() -> None:
    """The annotation has the value that the server is configured with."""
    (server,) = of_kind("StatefulSet", objects("laptop"))["postgres"]["spec"]["template"]["spec"][
        "containers"
    ]
    said = settings("laptop")["metadata"]["annotations"][MAX_CONNECTIONS]

    assert server["args"] == ["-c", f"max_connections={said}"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_function_may_have_the_pods_that_its_partitions_keep_busy(overlay: str) -> None:
    """max-scale allows one event in flight for each partition of an ordered source."""
    topics = of_kind("KafkaTopic", objects(overlay))
    consumed = {topic: name for name in ("ingest", "score") for topic in consumed_topics(name)}
    for topic, function in consumed.items():
        if topic not in knative_sources(overlay):
            continue
        service = services(overlay)[function]
        template = service["spec"]["template"]
        share = template["metadata"]["annotations"][
            "autoscaling.knative.dev/target-utilization-percentage"
        ]
        of_a_pod = template["spec"]["containerConcurrency"] * int(share) / 100
        in_flight = topics[topic]["spec"]["partitions"]
        assert scale(service, "max") >= math.ceil(in_flight / of_a_pod)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_consumers_share_the_partitions_evenly(overlay: str) -> None:
    """The partitions are divided evenly, because the slowest consumer limits the rate."""
    topics = of_kind("KafkaTopic", objects(overlay))
    consumers = {
        topic: source["spec"]["consumers"] for topic, source in knative_sources(overlay).items()
    }
    for scaled in of_kind("ScaledObject", objects(overlay)).values():
        (trigger,) = scaled["spec"]["triggers"]
        consumers[trigger["metadata"]["topic"]] = scaled["spec"]["maxReplicaCount"]

    for topic, count in consumers.items():
        assert topics[topic]["spec"]["partitions"] % count == 0


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_each_caller_waits_longer_than_its_callee(overlay: str) -> None:
    """Each caller's timeout is longer than the callee's, or work would be done twice."""
    gunicorn = runpy.run_path(str(ROOT / "infra" / "gunicorn.conf.py"))
    inside = {
        each["spec"]["template"]["spec"]["timeoutSeconds"] for each in services(overlay).values()
    }
    routes = of_kind("HTTPRoute", objects(overlay)).values()
    outside = [
        rule["timeouts"]["request"]
        for route in routes
        for rule in route["spec"]["rules"]
        if "timeouts" in rule
    ]
    outside += [
        source["spec"]["delivery"]["timeout"] for source in knative_sources(overlay).values()
    ]

    (function,) = inside
    assert gunicorn["graceful_timeout"] + STOP_SECONDS <= function
    assert outside
    assert all(seconds(each) > function for each in outside)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_retries_outlast_a_failover_and_end(overlay: str) -> None:
    """Retries last longer than a failover, and do not block a partition for too long."""
    for source in knative_sources(overlay).values():
        delivery = source["spec"]["delivery"]
        delay, retries = seconds(delivery["backoffDelay"]), delivery["retry"]
        assert delivery["backoffPolicy"] == "exponential"
        waited = sum(delay * 2**attempt for attempt in range(1, retries + 1))
        if source["spec"]["ordering"] == "ordered":
            assert FAILOVER <= waited <= HELD_UP / 4
        else:
            assert waited >= OTHERS_ENDPOINTS


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_functions_with_waiting_callers_have_a_minimum_of_pods(overlay: str) -> None:
    """Only functions with waiting callers or high volume have a minimum of pods."""
    awake = {name for name, each in services(overlay).items() if scale(each, "min")}

    assert (
        awake
        == {"laptop": set(), "production": {"ingest"}, "high-volume": {"ingest", "score"}}[overlay]
    )
    for each in services(overlay).values():
        assert scale(each, "min") <= scale(each, "max")
