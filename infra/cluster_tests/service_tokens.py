"""Tokens of service accounts, as Knative Eventing requests them from the API server."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from infra.cluster_tests.overlay import NAMESPACE, as_yaml
from infra.cluster_tests.tools import Tools

ISSUER: Final = "cluster-issuer"  # the component
_SENDERS: Final = Path("knative/components/event-policy/senders.env")
_PREFIX: Final = f"system:serviceaccount:{NAMESPACE}:"
_SECONDS: Final = "600s"  # the shortest that the API server issues


def sender_settings() -> dict[str, str]:
    """Return the settings of components/event-policy; its other objects need Eventing."""
    lines = [line for line in _SENDERS.read_text().splitlines() if not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines if line)


def accounts() -> dict[str, str]:
    """Return the account that Knative makes for the source of each function, by the function."""
    subjects = sender_settings()["EVENT_OIDC_SUBJECTS"].split()
    names = [each.removeprefix(_PREFIX) for each in subjects]
    starts = {
        "ingest": "payments-submitted--to--",
        "score": "transactions-received--to--",
        "alert-dispatch": "alerts-raised--to--",
    }
    return {
        function: next(name for name in names if name.startswith(start))
        for function, start in starts.items()
    }


def make_accounts(tools: Tools, names: Iterable[str]) -> None:
    """Create service accounts, as Knative does for each source."""
    made = [
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": name, "namespace": NAMESPACE},
        }
        for name in names
    ]
    tools.kubectl("apply", "--server-side", "--filename", "-", given=as_yaml(made))


def token(tools: Tools, account: str, audience: str = "") -> str:
    """Request a token of an account; without an audience it is one for the API server."""
    stated = [f"--audience={audience}"] if audience else []
    request = ("create", "token", account, f"--duration={_SECONDS}", *stated)
    return tools.kubectl("--namespace", NAMESPACE, *request).strip()
