"""open_registry: the model registry at MODEL_URI."""

import re
from pathlib import Path
from typing import Final

from risksentinel.adapters.models.model_objects import Objects
from risksentinel.adapters.models.stored_registry import StoredModelRegistry
from risksentinel.adapters.objects.folder import FolderObjects
from risksentinel.adapters.objects.s3 import S3Objects
from risksentinel.errors import Misconfigured

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_S3: Final = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/(?P<prefix>.*))?")
_STEP: Final = re.compile(r"(?!\.{1,2}$)[^\x00-\x1f\x7f?#\\]+")


def open_registry(uri: str, endpoint_url: str = "", region: str = "") -> StoredModelRegistry:
    """A registry under `s3://bucket/prefix`, or in a folder; it connects at its first use.

    Endpoint and region are for S3; without them boto3 uses Amazon's.

    Raises:
        Misconfigured: the URI is neither.
    """
    return StoredModelRegistry(open_objects(uri, endpoint_url, region))


def open_objects(uri: str, endpoint_url: str, region: str, option: str = "MODEL_URI") -> Objects:
    """The storage at the URI, as `open_registry` opens it; errors name the option of the URI."""
    if uri.startswith("s3://"):
        bucket, prefix = _parts(uri, option)
        return S3Objects(bucket, prefix, endpoint_url, region)
    if not uri or "\0" in uri or _SCHEME.match(uri):
        raise Misconfigured(f"{option} must be s3://bucket/prefix or a folder")
    return FolderObjects(Path(uri))


def _parts(uri: str, option: str) -> tuple[str, str]:
    found = _S3.fullmatch(uri)
    prefix = (found["prefix"] or "").strip("/") if found else ""
    if found is None or not all(_STEP.fullmatch(step) for step in prefix.split("/") if prefix):
        raise Misconfigured(f"{option} must be like s3://bucket or s3://bucket/prefix")
    return found["bucket"], prefix
