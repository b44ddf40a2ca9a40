"""require_owner: commands that only the owner of the tables can run."""

from typing import Final

from sqlalchemy import Engine, text

from risksentinel.adapters.sql.engine import reading
from risksentinel.errors import Misconfigured

_OWNER: Final = text(
    "SELECT current_user, pg_get_userbyid(relowner),"
    " pg_has_role(current_user, relowner, 'MEMBER')"
    " FROM pg_class WHERE oid = to_regclass('alembic_version')"
)


def require_owner(engine: Engine) -> None:
    """Return if the database has no tables yet, or the user is their owner or a member of it.

    Raises:
        Misconfigured: another user owns the tables; the message names both.
    """
    if engine.dialect.name != "postgresql":
        return
    with reading(engine) as connection:
        found = connection.execute(_OWNER).one_or_none()
    if found is not None and not found[2]:
        raise Misconfigured(
            f"DATABASE_URL logs in as {found[0]}, and only the owner of the tables can do this: "
            f"use the URL of {found[1]}"
        )
