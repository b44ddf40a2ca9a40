"""The one place that finds or starts the real servers, for tests, measurements and a laptop.

A server is a context manager; its `settings` are the environment variables that lead to it:

    with Postgres() as server:
        engine = open_engine(server.settings["DATABASE_URL"])

`Postgres(folder)` keeps its data and its port in that folder. `found("postgres")` takes the
server that TEST_DATABASE_URL names, and starts one where it names none: see found.py.
"""
