"""own_schema: a corner of a PostgreSQL database where a test may migrate, load and drop."""

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

from sqlalchemy import make_url, text

from risksentinel.adapters.sql.engine import open_engine, writing


@contextmanager
def own_schema(url: str) -> Iterator[str]:
    """An address of the same database where all that is made goes to a schema of its own."""
    name = f"test_{token_hex(4)}"
    engine = open_engine(url, statement_seconds=0)
    with writing(engine) as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    try:
        address = make_url(url).update_query_dict({"options": f"-c search_path={name}"})
        yield address.render_as_string(hide_password=False)
    finally:
        with writing(engine) as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
        engine.dispose()
