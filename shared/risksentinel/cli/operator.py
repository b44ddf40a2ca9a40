"""operator: who runs a command, for the audit log."""

import getpass
import os


def operator() -> str:
    """The user of the operating system as an actor; its number if the user has no name."""
    try:
        return f"operator:{getpass.getuser()}"
    except (KeyError, OSError):  # an image without /etc/passwd
        return f"operator:{os.getuid()}"
