"""What every check works with."""

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console

from infra.cluster.api import Api
from infra.cluster.deployment import Deployment
from infra.cluster.ingress import Ingress
from infra.cluster.memory import Memory
from infra.cluster.pods import Pods
from infra.cluster.receiver import Receiver
from infra.cluster.records import Records


@dataclass(frozen=True, slots=True)
class Bench:
    """A deployment that serves, and every side from which it can be looked at."""

    api: Api
    deployment: Deployment
    pods: Pods
    ingress: Ingress
    records: Records
    receiver: Receiver
    memory: Memory
    connections: Mapping[str, str]
    console: Console
