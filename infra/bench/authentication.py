"""python -m infra.bench.authentication: processor time of a request by its credentials.

The blocks of requests alternate between functions with AUTH unset, keys, and oidc with a real
OpenID provider, so that the load of the machine changes all of them alike.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time
from typing import TYPE_CHECKING, Final

from rich.console import Console
from werkzeug.test import EnvironBuilder

from functions.rules_crud.main import build
from infra.bench.figures import WIDTH, print_table
from infra.devstack.servers.oidc import Oidc
from risksentinel.adapters.sql.api_key_ledger import SqlKeyLedger
from risksentinel.adapters.system_clock import now
from risksentinel.assembly.container import Container
from risksentinel.domain.access import Role
from risksentinel.logs import configure
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings
from risksentinel.settings.authentication import Method
from risksentinel.usecases.manage_keys import ManageKeys

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_PATH: Final = "/api/v1/rules/unknown"  # answered from the database's index, 404
_REQUESTS: Final = 400  # of a block
_BLOCKS: Final = 15
_WARM_UP: Final = 200
_UNSET: Final = "unset"


@dataclass(frozen=True, slots=True)
class Caller:
    """A function, and a request of its caller."""

    app: "WSGIApplication"
    environ: "WSGIEnvironment"

    def send(self, count: int) -> float:
        """Send requests; return the processor microseconds of one."""
        began = process_time()
        for _ in range(count):
            b"".join(self.app(dict(self.environ), _ignored))
        return 1e6 * (process_time() - began) / count


def run(console: Console) -> None:
    """Print the median of each kind, and of its difference from AUTH unset in the same round."""
    with TemporaryDirectory() as folder, Oidc() as provider, _callers(folder, provider) as callers:
        for caller in callers.values():
            caller.send(_WARM_UP)
        rounds = [
            {name: caller.send(_REQUESTS) for name, caller in callers.items()}
            for _ in range(_BLOCKS)
        ]
    rows = [
        {
            "AUTH": name,
            "µs a request": f"{median(each[name] for each in rounds):.0f}",
            "more than unset": f"{median(each[name] - each[_UNSET] for each in rounds):.0f}",
        }
        for name in callers
    ]
    print_table(console, "processor time of a request", rows)


@contextmanager
def _callers(folder: str, provider: Oidc) -> Iterator[Mapping[str, Caller]]:
    home = Settings(risksentinel_home=Path(folder))
    migrate(home.database)
    containers = {
        _UNSET: Container(home),
        "keys": Container(home.model_copy(update={"auth": frozenset({Method.KEYS})})),
        "oidc": Container(
            home.model_copy(
                update={
                    "auth": frozenset({Method.KEYS, Method.OIDC}),
                    "oidc_issuer": provider.issuer,
                    "oidc_audience": provider.settings["OIDC_AUDIENCE"],
                }
            )
        ),
    }
    manage = ManageKeys(SqlKeyLedger(containers[_UNSET].engine), now, secrets.token_bytes)
    bearers = {
        "keys": manage.create("bench", [Role.ANALYST], (), None, "bench").text,
        "oidc": provider.token("analyst"),
    }
    try:
        yield {
            name: Caller(build(container), _environ(bearers.get(name)))
            for name, container in containers.items()
        }
    finally:
        for container in containers.values():
            container.close()


def _environ(bearer: str | None) -> "WSGIEnvironment":
    headers = [] if bearer is None else [("Authorization", f"Bearer {bearer}")]
    return EnvironBuilder(_PATH, headers=headers).get_environ()


def _ignored(*_: object) -> Callable[[bytes], object]:
    return lambda _: None


def main() -> None:
    """Print the table."""
    configure("error")
    run(Console(width=WIDTH))


if __name__ == "__main__":
    main()
