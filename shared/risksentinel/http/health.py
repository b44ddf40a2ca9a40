"""Liveness and readiness of a function, for the probes of the platform."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import structlog
from flask import Response
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel, Field

from risksentinel.errors import Misconfigured, Unavailable
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.text import strict_json

Check = Callable[[], str | None]  # a status text; None is ok
Checks = Mapping[str, Check]
_TAG: Final = Tag(name="health", description="For the probes of the platform")
_log = structlog.get_logger(__name__)


class Liveness(BaseModel):
    """The process responds."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """The status of the function and of the parts that it needs."""

    status: Literal["ok", "degraded", "unavailable"] = Field(
        description="degraded: the function works without an optional part; unavailable: it cannot "
        "handle requests"
    )
    checks: dict[str, str] = Field(
        description="By the name of the part: ok, none, or the reason of the failure"
    )


class Health(Readiness):
    """Readiness, with the name and version of the function."""

    name: str = Field(description="The function's name")
    version: str = Field(description="The version of RiskSentinel")


def readiness(required: Checks, optional: Checks) -> Readiness:
    """Run every check: a failed required one gives unavailable, a failed optional one degraded."""
    found = {name: _found(name, check) for name, check in {**optional, **required}.items()}
    results = {name: each.text for name, each in found.items()}
    wrong = {name for name, each in found.items() if each.wrong}
    if wrong & required.keys():
        return Readiness(status="unavailable", checks=results)
    return Readiness(status="degraded" if wrong else "ok", checks=results)


def health_routes(name: str, version: str, required: Checks, optional: Checks) -> DescribedRoutes:
    """The routes under /health."""
    routes = DescribedRoutes("health", __name__, url_prefix="/health", abp_tags=[_TAG])

    @routes.get("/liveness", summary="Liveness", responses={200: Liveness})
    def liveness() -> Response:
        return alive()

    @routes.get("/readiness", summary="Readiness", responses={200: Readiness, 503: Readiness})
    def ready() -> Response:
        return _answer(readiness(required, optional))

    @routes.get("/", summary="Readiness, name and version", responses={200: Health, 503: Health})
    def health() -> Response:
        found = readiness(required, optional)
        return _answer(Health(name=name, version=version, status=found.status, checks=found.checks))

    return routes


def alive() -> Response:
    """The liveness response; it runs no check."""
    return _answer(Liveness())


def _answer(found: Liveness | Readiness) -> Response:
    status = 503 if found.status == "unavailable" else 200
    return Response(strict_json.encode(found.model_dump()), status, mimetype="application/json")


@dataclass(frozen=True, slots=True)
class _Found:
    text: str
    wrong: bool = True


def _found(name: str, check: Check) -> _Found:
    try:
        text = check()
    except Unavailable as error:
        return _Found(f"{error.part} does not answer")
    except Misconfigured as error:
        return _Found(str(error))
    except Exception:  # noqa: BLE001  # a broken check must not hide the results of the others
        _log.exception("check.failed", check=name)
        return _Found("the check itself failed")
    return _Found(text or "ok", wrong=False)
