"""python -m infra.bench.growth_processor: a payment's time at 10,000 and 1,000,000 kept payments.

The engine scores 10,000 payments into a database; 99 copies of each, over a year, are added to a
copy of this database. Both are measured in alternating pairs with the same new payments, which are
stored too. Four senders of ten and one receiver of ten have stored payments: in the 90 days that a
history contains, about three times as many with 1,000,000 payments as with 10,000. `make bench`
includes these tables.
"""

from rich.console import Console

from infra.bench import growth_embedded, growth_real
from infra.bench.figures import WIDTH
from infra.bench.server_fixtures import server_fixtures
from risksentinel.logs import configure


def main() -> None:
    """Print the tables."""
    configure("error")
    console = Console(width=WIDTH)
    growth_embedded.run(console)
    with server_fixtures() as servers:
        growth_real.run(console, servers)


if __name__ == "__main__":
    main()
