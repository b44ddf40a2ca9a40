"""The scripts that build, start and stop the cluster: a copy, as theirs may be read-only."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from risksentinel.errors import Misconfigured, RiskSentinelError

NODE: Final = "10.245.0.1"  # of every such cluster; the pods reach this machine by it
INGRESS: Final = f"http://{NODE}:8081"  # the listener for the cluster's own names
_ANSWERS_WITHIN: Final = "10s"


class ClusterFailed(RiskSentinelError):
    """A script of the cluster, or kubectl, did not go well; the message quotes what it said."""


class Tools:
    """`home` holds what is built and what runs; it is CLUSTER_HOME of all scripts."""

    def __init__(self, scripts: Path, home: Path) -> None:
        if not (scripts / "up").is_file():
            raise Misconfigured(f"CLUSTER_TOOLS is {scripts}, which has no script `up`")
        if os.geteuid() != 0:
            raise Misconfigured("a cluster needs root: its pods are processes of this machine")
        self._scripts, self._home = scripts, home
        self._ours = home / "tools"

    @property
    def kubeconfig(self) -> Path:
        """Who its administrator is; there while it runs, and after a run that was killed."""
        return self._home / "run" / "admin.kubeconfig"

    @property
    def archives(self) -> Path:
        """The folder of the images that were built."""
        return self._home / "user-images"

    @contextmanager
    def running(self) -> Iterator[None]:
        """The cluster, built and started where it is not; one that ran before runs on."""
        shutil.copytree(self._scripts, self._ours, dirs_exist_ok=True)
        self._show("build")
        ran_before = self._answers()
        try:
            self._up()
            yield
        finally:
            if not ran_before:
                self._show("down")

    def _up(self) -> None:
        try:
            self._show("up")
        except ClusterFailed:
            # kubectl fails where it asks for a condition that is not there yet; what does not run
            # is started by the second call.
            self._show("up")

    @property
    def scripts(self) -> Path:
        """The folder of the scripts that run, and of what lies beside them."""
        return self._ours

    def build_image(self, context: str, tag: str, *arguments: str) -> None:
        """Build an image, and load it."""
        self._run("build-image", context, tag, *arguments)

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        """What kubectl says."""
        return self._run("kubectl", *arguments, given=given)

    def _answers(self) -> bool:
        try:
            self.kubectl("get", "--raw", "/readyz", f"--request-timeout={_ANSWERS_WITHIN}")
        except ClusterFailed:
            return False
        return True

    def _run(self, script: str, *arguments: str, given: str | None = None) -> str:
        ran = subprocess.run(  # noqa: S603 - the cluster's own script
            [self._ours / script, *arguments],
            input=given,
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            raise ClusterFailed(f"{script} {' '.join(arguments)}: {ran.stderr.strip()}")
        return ran.stdout

    def _show(self, script: str) -> None:
        ran = subprocess.run([self._ours / script], env=self._environ, check=False)  # noqa: S603
        if ran.returncode:
            raise ClusterFailed(f"{script} failed: see above")

    @property
    def _environ(self) -> dict[str, str]:
        return {**os.environ, "CLUSTER_HOME": str(self._home)}  # noqa: TID251 - a child's
