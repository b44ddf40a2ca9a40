"""operator: the actor of a command in the audit log."""

import getpass


def operator() -> str:
    """`operator:` and the name of the operating system's user."""
    try:
        return f"operator:{getpass.getuser()}"
    except (OSError, KeyError):  # a container may run as a user without a name
        return "operator:unknown"
