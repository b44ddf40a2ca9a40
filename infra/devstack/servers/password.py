"""The password of a local server: made once, and stored in the folder of its data."""

import os
import secrets
from pathlib import Path
from typing import Final

_FILE: Final = "password"


def password_of(folder: Path) -> str:
    """Return the password of the server in this folder; only the owner of the file can read it."""
    file = folder / _FILE
    if not file.exists():
        fresh = file.with_name(f"{_FILE}.new")
        fresh.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(fresh, flags, 0o600), "w") as writing:
            writing.write(secrets.token_hex(24))  # needs no encoding in a URL
        fresh.replace(file)
    return file.read_text()
