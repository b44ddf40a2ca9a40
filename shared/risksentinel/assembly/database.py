"""The database, as the readiness of every function checks it."""

from collections.abc import Mapping

from risksentinel.adapters.sql.schema import schema_is_current
from risksentinel.adapters.sql.write_health import writes_work
from risksentinel.assembly.container import Container
from risksentinel.http.health import Check


def required_checks(container: Container) -> Mapping[str, Check]:
    """The checks without which a function is not ready: the database, its schema, its writes."""

    def database() -> None:
        schema_is_current(container.engine)
        writes_work(container.engine)

    return {"database": database}
