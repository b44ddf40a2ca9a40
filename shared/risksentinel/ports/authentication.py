"""Authenticator: the principal of a request."""

from collections.abc import Callable

from risksentinel.domain.access import LOCAL, Principal

# The value of the header Authorization (None if absent) -> the principal. Raises Unauthenticated.
Authenticator = Callable[[str | None], Principal]


def local_caller(_authorization: str | None) -> Principal:
    """The authenticator of a function that authenticates nobody: every caller is `local`."""
    return LOCAL
