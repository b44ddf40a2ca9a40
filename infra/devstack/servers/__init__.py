"""Local servers for tests, benchmarks and the stack.

A server is a context manager; its `settings` are its connection variables:

    with Postgres() as server:
        engine = open_engine(server.settings["DATABASE_URL"])

`Postgres(folder)` has its data and its port in that folder. `running_server("postgres")` uses the
server in TEST_DATABASE_URL, or starts a local one: see server_kinds.py.
"""
