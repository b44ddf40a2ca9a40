"""Starts the servers beside the cluster, as `make stack` does, on the node's address."""

import os
import secrets
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import make_url

from infra.cluster_tests.overlay import OWNER
from infra.cluster_tests.receiver import Receiver
from infra.cluster_tests.tools import ClusterFailed
from infra.devstack.stack.servers import connections, own_servers

_COMMAND: Final = Path(sys.executable).with_name("risksentinel")
_KEY_BYTES: Final = 32
FUNCTIONS_USER: Final = "functions"


@contextmanager
def servers(folder: Path, host: str) -> Iterator[dict[str, str]]:
    """Run PostgreSQL, Redis, Kafka and MinIO while the block runs; yield their variables."""
    own = own_servers(folder, {}, host)
    with ExitStack() as stopped:
        for server in own.values():
            stopped.enter_context(server)
        yield connections(own, {})


def provision(there: Mapping[str, str], functions_url: str) -> str:
    """Create the functions' database user, topics and bucket; the Job creates the schema."""
    made_for = {"FUNCTIONS_DATABASE_URL": functions_url}
    environ = {**os.environ, **there, **made_for}  # noqa: TID251 - a child's
    made = _run([sys.executable, "-m", "infra.devstack.stack.provision", "--no-schema"], environ)
    return "; ".join(made.splitlines())


def publish_model(there: Mapping[str, str]) -> str:
    """Train a model, publish and promote it; the database, which audits this, has its schema."""
    environ = {**os.environ, **there}  # noqa: TID251 - a child's
    with TemporaryDirectory() as trained:
        model = _run([sys.executable, "-m", "ml.train", "--out", trained], environ)
        publish = [str(_COMMAND), "models", "publish", "--promote", model.strip()]
        published = _run(publish, environ)
    return published.strip().splitlines()[-1]


def functions_url(there: Mapping[str, str]) -> str:
    """Return the URL of a database user for the functions, with a new password."""
    url = make_url(there["DATABASE_URL"])
    user = url.set(username=FUNCTIONS_USER, password=secrets.token_urlsafe(_KEY_BYTES))
    return user.render_as_string(hide_password=False)


def variables(there: Mapping[str, str], functions_url: str, receiver: Receiver) -> dict[str, str]:
    """Return the functions' variables for the servers and the webhook endpoint."""
    return {
        **there,
        OWNER: there["DATABASE_URL"],
        "DATABASE_URL": functions_url,
        "AUTH": "none",  # only this machine reaches the cluster's ingress
        "WEBHOOK_ALLOW_PRIVATE": "true",
        "EVENT_AUTH": "secret",
        "EVENT_SECRET": secrets.token_urlsafe(_KEY_BYTES),
        "WEBHOOK_URLS": receiver.address,
        "WEBHOOK_SECRET": f"whsec_{b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}",
    }


def _run(command: list[str], environ: Mapping[str, str]) -> str:
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        raise ClusterFailed(f"{' '.join(command)}: {ran.stderr.strip()}")
    return ran.stdout
