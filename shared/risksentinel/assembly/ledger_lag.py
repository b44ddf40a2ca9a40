"""ledger_checks: whether the entries of the ledger are chained soon after their commit."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from risksentinel.adapters.sql.ledger_log import SqlLedgerLog
from risksentinel.assembly.container import Container
from risksentinel.errors import Misconfigured
from risksentinel.http.health import Check

MAX_LAG: Final = timedelta(minutes=1)


def ledger_checks(container: Container) -> Mapping[str, Check]:
    """The optional check that no entry waits for its leaf for more than a minute."""
    log = SqlLedgerLog(container.engine)

    def check() -> None:
        since = log.lag()
        if since is not None and container.clock() - since > MAX_LAG:
            raise Misconfigured(
                "entries older than a minute are not chained: see the log of a function that writes"
            )

    return {"ledger": check}
