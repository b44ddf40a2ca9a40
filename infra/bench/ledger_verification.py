"""python -m infra.bench.ledger_verification: the time to verify a long ledger.

BENCH_ENTRIES entries, by default 1,000,000, are written to SQLite and to a PostgreSQL of its own;
this takes 10 minutes for each on an idle machine. Three quarters of the entries are decisions.
"""

import os
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from rich.console import Console

from infra.bench.figures import WIDTH, print_table
from infra.bench.ledger_filling import fill_ledger
from infra.bench.processor_time import Programs, measured
from infra.bench.server_fixtures import local_pids
from infra.devstack.servers.server_kinds import running_server
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_key import key_of
from risksentinel.assembly.ledger_verification import verify_ledger
from risksentinel.embedded.topic_relays import TopicInbox
from risksentinel.logs import configure
from risksentinel.migrations.migrate import migrate
from risksentinel.seed import seed
from risksentinel.settings import Settings

ENTRIES: Final = int(os.getenv("BENCH_ENTRIES", "1000000"))  # noqa: TID251 - the size of the benchmark


def main() -> None:
    """Print a row for each database."""
    configure("error")
    with TemporaryDirectory() as folder, running_server("postgres") as server:
        home = Path(folder)
        rows = [
            _row("SQLite", Settings(risksentinel_home=home / "sqlite"), {}),
            _row(
                "PostgreSQL",
                Settings(
                    risksentinel_home=home / "postgresql",
                    database_url=server.settings["DATABASE_URL"],
                ),
                local_pids({"PostgreSQL": server}),
            ),
        ]
    print_table(Console(width=WIDTH), f"The verification of {ENTRIES:,} entries", rows)


def _row(name: str, given: Settings, servers: Programs) -> dict[str, str]:
    settings = given.model_copy(update={"max_lateness_seconds": None})
    settings.make_home()
    migrate(settings.database)
    key_of(settings, make=True)
    # Without topics that are stored, no events are made: nothing would take them here.
    container = Container(settings, TopicInbox(frozenset()), statement_seconds=0)
    with closing(container):
        seed(container)
        fill_ledger(container, ENTRIES)
        began = perf_counter()
        with measured({"verification": [os.getpid()], **servers}) as used:
            verified = verify_ledger(container)()
        seconds = perf_counter() - began
    return {
        "database": name,
        "entries": f"{verified.entries:,}",
        "faults": str(len(verified.faults)),
        "seconds": f"{seconds:.1f}",
        **{f"CPU {part}, s": f"{each:.1f}" for part, each in used.items()},
        **({} if servers else {"CPU PostgreSQL, s": ""}),
    }


if __name__ == "__main__":
    main()
