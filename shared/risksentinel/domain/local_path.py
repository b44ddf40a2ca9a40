"""local_path: the path to which a browser returns after a sign-in, never another host."""

import re
from typing import Final

from risksentinel.errors import Malformed, Violation

# Browsers read a backslash as a slash, and leave out tabs and line breaks.
_LOCAL: Final = re.compile(r"/(?!/)[A-Za-z0-9._~!$&'()*+,;=:@%/?#\[\]-]{0,1999}", re.ASCII)


def local_path(text: str) -> str:
    """The path, with its query and fragment. Raises Malformed for anything else."""
    if not _LOCAL.fullmatch(text):
        raise Malformed([Violation("query.to", "must be a path of this address, like /docs")])
    return text
