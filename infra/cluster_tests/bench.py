"""The deployment and the clients that every check uses."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console

from infra.cluster_tests.api import Api
from infra.cluster_tests.deployment import Deployment
from infra.cluster_tests.ingress import Ingress
from infra.cluster_tests.memory import Memory
from infra.cluster_tests.pods import Pods
from infra.cluster_tests.receiver import Receiver
from infra.cluster_tests.records import Records


@dataclass(frozen=True, slots=True)
class Bench:
    """A running deployment, with clients for its API, pods, ingress, database and alerts."""

    api: Api
    deployment: Deployment
    pods: Pods
    ingress: Ingress
    records: Records
    receiver: Receiver
    memory: Memory
    connections: Mapping[str, str]
    console: Console
