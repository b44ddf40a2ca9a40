"""Runs a copy of the scripts that build, start and stop the cluster."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from risksentinel.errors import Misconfigured, RiskSentinelError

NODE: Final = "10.245.0.1"  # of every such cluster; pods reach this machine at it
INGRESS: Final = f"http://{NODE}:8081"  # the listener for the cluster's own names
_ANSWERS_WITHIN: Final = "10s"


class ClusterFailed(RiskSentinelError):
    """A script of the cluster or kubectl failed; the message quotes its output."""


class Tools:
    """`home` contains the built and running cluster; it is CLUSTER_HOME of all scripts."""

    def __init__(self, scripts: Path, home: Path) -> None:
        if not (scripts / "up").is_file():
            raise Misconfigured(f"CLUSTER_TOOLS is {scripts}, which has no script `up`")
        if os.geteuid() != 0:
            raise Misconfigured("the cluster needs root: its pods are processes of this machine")
        self._scripts, self._home = scripts, home
        self._ours = home / "tools"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig, which exists while the cluster runs."""
        return self._home / "run" / "admin.kubeconfig"

    @property
    def archives(self) -> Path:
        """The folder of the built images."""
        return self._home / "user-images"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Build and start the cluster; stop it at the end unless it ran before."""
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
            # kubectl fails if a condition does not exist yet; the second call continues.
            self._show("up")

    @property
    def scripts(self) -> Path:
        """The folder of the scripts that run, and of what lies beside them."""
        return self._ours

    def build_image(self, context: str, tag: str, *arguments: str) -> None:
        """Build an image, and load it into the cluster."""
        self._run("build-image", context, tag, *arguments)

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        """Run kubectl and return its output."""
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
            raise ClusterFailed(f"{script} failed; its output is above")

    @property
    def _environ(self) -> dict[str, str]:
        return {**os.environ, "CLUSTER_HOME": str(self._home)}  # noqa: TID251 - of a child process
