"""python -m infra.cluster_tests: deploys to a new cluster on this machine, and runs the checks."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import NoReturn

import click
from rich.console import Console

from infra.cluster_tests import images, trivial
from infra.cluster_tests.api import Api
from infra.cluster_tests.bench import Bench
from infra.cluster_tests.check_results import CheckResult, results_of, say, table
from infra.cluster_tests.checks import CHECKS
from infra.cluster_tests.deployment import NAMES, Deployment
from infra.cluster_tests.ingress import Ingress
from infra.cluster_tests.memory import Memory
from infra.cluster_tests.overlay import NAMESPACE, Overlay, path_between, private
from infra.cluster_tests.pods import Pods
from infra.cluster_tests.receiver import Receiver
from infra.cluster_tests.records import Records
from infra.cluster_tests.servers import functions_url, provision, servers, variables
from infra.cluster_tests.tools import INGRESS, NODE, ClusterFailed, Tools

_BASE = Path("knative/base")
_OVERLAY = Path("build/cluster-test")
_TOOLS = Path("../shared/cluster")
_HOME = Path.home() / ".cache" / "knative-cluster"  # short, because the path of a socket is limited
_FIRST = "deployed"  # it waits until all functions are ready


@click.command()
@click.argument("checks", nargs=-1, type=click.Choice(list(CHECKS)))
@click.option("--tools", envvar="CLUSTER_TOOLS", default=_TOOLS, type=click.Path(path_type=Path))
@click.option("--home", envvar="CLUSTER_HOME", default=_HOME, type=click.Path(path_type=Path))
def cluster_test(checks: tuple[str, ...], tools: Path, home: Path) -> None:
    """Deploy to a cluster on this machine, and run all checks, or only CHECKS.

    CLUSTER_TOOLS is the folder of the cluster's scripts, CLUSTER_HOME the folder of the cluster.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    console = Console(width=160)
    cluster = Tools(tools, home)
    chosen = [name for name in CHECKS if name in checks or name == _FIRST or not checks]
    found: list[CheckResult] = []
    with suppress(KeyboardInterrupt), deployed(cluster, console) as bench:
        for name in chosen:
            for result in results_of(CHECKS[name], bench):
                say(console, result)
                found.append(result)
        console.print(table(found))
        sys.exit(not all(each.passed for each in found))
    sys.exit("stopped; the deployment was removed")


@contextmanager
def deployed(tools: Tools, console: Console) -> Iterator[Bench]:
    """Run cluster, servers and deployment while the block runs; the built images remain."""
    with ExitStack() as undone:
        undone.enter_context(tools.running())
        folder = Path(undone.enter_context(TemporaryDirectory()))
        folder.chmod(0o711)  # PostgreSQL runs as another user
        api = Api(tools.kubeconfig)
        tags = images.build(tools)
        console.print(images.sizes(tools, tags))
        receiver = Receiver(NODE)
        undone.enter_context(receiver.listening())
        there = undone.enter_context(servers(folder, NODE))
        user = functions_url(there)
        console.print(f"servers on {NODE}; {provision(there, user)}")
        undone.callback(_clean(tools))
        _clean(tools)()
        overlay = Overlay(path_between(_OVERLAY, _BASE), tags, variables(there, user, receiver))
        deployment = Deployment(tools, api, undone.enter_context(private(_OVERLAY)), overlay)
        deployment.apply(overlay)
        hosts = {name: f"{name}.{NAMESPACE}.svc.cluster.local" for name in NAMES}
        hosts[trivial.NAME] = trivial.HOST
        memory = Memory(api)
        memory.begin()
        yield Bench(
            api=api,
            deployment=deployment,
            pods=Pods(api, NAMESPACE),
            ingress=Ingress(INGRESS, hosts),
            records=Records(there["DATABASE_URL"]),
            receiver=receiver,
            memory=memory,
            connections=there,
            console=console,
        )


def _clean(tools: Tools) -> Callable[[], None]:
    def clean() -> None:
        with suppress(ClusterFailed):  # of an earlier run, if any
            tools.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--timeout=90s")

    return clean


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # a second signal must not interrupt the cleanup
    raise KeyboardInterrupt
