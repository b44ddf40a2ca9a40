"""make_functions_user: the database user of the functions, on a server that is ours."""

from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from risksentinel.errors import Misconfigured
from risksentinel.migrations.functions_role import CREATE_ROLE, ROLE

_CREATE: Final = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {text}) THEN CREATE ROLE {name}; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""


def make_functions_user(owner: str, functions: str) -> str:
    """Make the user of the URL `functions`, a member of the functions' role; return its name.

    A user that exists gets the password of the URL. `owner` is the URL of a user that may create
    roles.

    Raises:
        Misconfigured: the URL `functions` has no user or password, or the user is the owner.
    """
    url, maker = make_url(functions), make_url(owner)
    if not (url.username and url.password) or url.username == maker.username:
        raise Misconfigured(
            "FUNCTIONS_DATABASE_URL must have the name of another user than DATABASE_URL, and its "
            "password"
        )
    name, text = sql.Identifier(url.username), sql.Literal(url.username)
    address = {**maker.translate_connect_args(username="user", database="dbname"), **maker.query}
    with psycopg.connect(**address, connect_timeout=5) as connection:
        connection.execute(CREATE_ROLE.encode())
        connection.execute(sql.SQL(_CREATE).format(name=name, text=text))
        digest = connection.pgconn.encrypt_password(
            str(url.password).encode(), url.username.encode(), b"scram-sha-256"
        )
        statement = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")  # the digest: a log may have it
        connection.execute(statement.format(name, sql.Literal(digest.decode())))
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(ROLE), name))
    return url.username
