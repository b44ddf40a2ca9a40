"""The servers, beside the cluster: as `make stack` starts them, on the node's address."""

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

from infra.cluster_tests.receiver import Receiver
from infra.cluster_tests.tools import ClusterFailed
from infra.devstack.stack.servers import connections, own_servers

_COMMAND: Final = Path(sys.executable).with_name("risksentinel")
_KEY_BYTES: Final = 32


@contextmanager
def servers(folder: Path, host: str) -> Iterator[dict[str, str]]:
    """PostgreSQL, Redis, Kafka and MinIO while the block runs; answers where they are."""
    own = own_servers(folder, {}, host)
    with ExitStack() as stopped:
        for server in own.values():
            stopped.enter_context(server)
        yield connections(own, {})


def provision(there: Mapping[str, str]) -> str:
    """Topics, bucket, and a model that is promoted; the schema is the Job's affair."""
    environ = {**os.environ, **there}  # noqa: TID251 - a child's
    made = _run([sys.executable, "-m", "infra.devstack.stack.provision", "--no-schema"], environ)
    with TemporaryDirectory() as trained:
        model = _run([sys.executable, "-m", "ml.train", "--out", trained], environ)
        publish = [str(_COMMAND), "models", "publish", "--promote", model.strip()]
        said = _run(publish, environ)
    return "; ".join([*made.splitlines(), said.strip().splitlines()[-1]])


def variables(there: Mapping[str, str], receiver: Receiver) -> dict[str, str]:
    """What the functions are told of the servers and of the endpoint for alerts."""
    return {
        **there,
        "WEBHOOK_ALLOW_PRIVATE": "true",
        "WEBHOOK_URLS": receiver.address,
        "WEBHOOK_SECRET": f"whsec_{b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}",
    }


def _run(command: list[str], environ: Mapping[str, str]) -> str:
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    if ran.returncode:
        raise ClusterFailed(f"{' '.join(command)}: {ran.stderr.strip()}")
    return ran.stdout
