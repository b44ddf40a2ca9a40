"""The secret that the functions of the stack require of the senders of events."""

import secrets
from collections.abc import Mapping


def event_secret(environ: Mapping[str, str]) -> dict[str, str]:
    """Return EVENT_AUTH and EVENT_SECRET: those of the environment, or a new secret.

    The addresses of the functions are on loopback, where every user of this machine reaches them.
    """
    if environ.get("EVENT_AUTH"):
        return {name: environ[name] for name in ("EVENT_AUTH", "EVENT_SECRET") if name in environ}
    return {"EVENT_AUTH": "secret", "EVENT_SECRET": secrets.token_urlsafe(32)}
