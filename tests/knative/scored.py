"""The findings of kube-score on an overlay, with the pods that Knative creates."""

import json
import subprocess
from collections.abc import Iterator, Sequence
from typing import Final

import yaml

from infra.devstack.servers.programs import built
from tests.knative.kustomized import Manifest

VERSION: Final = "v1.35"  # of Kubernetes; some checks depend on it
_ACCEPTED: Final = 7  # kube-score's own words: 10 is all right, 7 almost, 5 a warning, 1 critical
_SERVING: Final = "serving.knative.dev"


def lacks(manifests: Sequence[Manifest], *ignored: str) -> list[str]:
    """Return what kube-score reports as missing, without the ignored checks.

    `kube-score/ignore` of an object is kept to: the reason stands beside it.
    """
    given = [*manifests, *deployments(manifests)]
    command = [built("kube-score"), "score", "-o", "json", "--kubernetes-version", VERSION]
    for each in ignored:
        command += ["--ignore-test", each]
    made = subprocess.run(  # noqa: S603
        [*command, "-"],
        input=yaml.safe_dump_all(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.stdout, made.stderr
    return [
        f"{scored['object_name']}: {check['check']['id']}: {comment['path']} {comment['summary']}"
        for scored in json.loads(made.stdout)
        for check in scored["checks"]
        if not check["skipped"] and check["grade"] < _ACCEPTED
        for comment in check["comments"] or [{"path": "", "summary": check["check"]["name"]}]
    ]


def deployments(manifests: Sequence[Manifest]) -> Iterator[Manifest]:
    """Return a Deployment for each Knative Service, which kube-score does not know."""
    for each in manifests:
        if each["apiVersion"].startswith(_SERVING) and each["kind"] == "Service":
            template = each["spec"]["template"]
            own = {f"{_SERVING}/service": each["metadata"]["name"]}
            pod = {name: template["spec"][name] for name in ("containers", "volumes")}
            yield {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {
                    **{name: each["metadata"][name] for name in ("name", "namespace")},
                    "annotations": each["metadata"]["annotations"],
                },
                "spec": {
                    "selector": {"matchLabels": own},
                    "template": {
                        "metadata": {"labels": {**template["metadata"]["labels"], **own}},
                        "spec": {**pod, "affinity": _apart(own)},
                    },
                },
            }


def _apart(labels: Manifest) -> Manifest:
    """Return Knative's default affinity, `prefer-spread-revision-over-nodes`."""
    term = {"topologyKey": "kubernetes.io/hostname", "labelSelector": {"matchLabels": labels}}
    wish = {"weight": 100, "podAffinityTerm": term}
    return {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [wish]}}
