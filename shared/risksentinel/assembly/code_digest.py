"""code_digest: the digest of the code that decides, for the basis of each decision."""

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

import risksentinel
from risksentinel.domain.basis import DIGEST_DIGITS

_FOLDERS: Final = ("domain", "rules", "scoring")


@cache
def code_digest() -> str:
    """Return the digest of the sources of the domain, the rules and the scoring."""
    root = Path(risksentinel.__file__).parent
    whole = sha256()
    for folder in _FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            whole.update(f"{path.relative_to(root).as_posix()}\0".encode())
            whole.update(path.read_bytes())
    return whole.hexdigest()[:DIGEST_DIGITS]
