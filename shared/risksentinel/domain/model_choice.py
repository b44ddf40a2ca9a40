"""The version of the model that a policy names, with the digest of its manifest.

It is written as `v3@sha256:…`, as registries of containers do. The manifest has the digest of the
model: so what a person approves is what scores, whatever the storage of models has later.
"""

import re
from dataclasses import dataclass
from typing import Final

from risksentinel.domain.model_fields import NAME_IN_WORDS, is_name
from risksentinel.errors import Malformed, Violation

MEMBER: Final = "model"  # of the contents of a policy
MARK: Final = "@sha256:"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NamedVersion:
    """A version as a person names it, with or without the digest of its manifest."""

    version: str
    manifest_sha256: str | None = None


def named_version(text: str) -> NamedVersion:
    """Return the version that the text names, like `v3` or `v3@sha256:…`.

    Raises:
        Malformed: the text names no version.
    """
    version, mark, digest = text.partition(MARK)
    if not is_name(version):
        message = f"must be null, promoted, or the name of a version, which {NAME_IN_WORDS}"
        raise Malformed([Violation(MEMBER, message)])
    if not mark:
        return NamedVersion(version)
    if _DIGEST.fullmatch(digest) is None:
        raise Malformed([Violation(MEMBER, f"must have 64 hexadecimal digits after {MARK}")])
    return NamedVersion(version, digest)
