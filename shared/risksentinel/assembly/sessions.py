"""The sessions of people that are signed in, as every function accepts them."""

from datetime import timedelta
from time import monotonic

from risksentinel.adapters.sql.session_records import SqlSessionRecords
from risksentinel.assembly.container import Container, built_once
from risksentinel.usecases.authenticate_session import AuthenticateSession


@built_once
def sessions(container: Container) -> AuthenticateSession:
    """The authenticator of sessions."""
    return AuthenticateSession(
        SqlSessionRecords(container.engine),
        container.clock,
        monotonic,
        container.settings.public_url or None,
        timedelta(seconds=container.settings.session_life),
    )
