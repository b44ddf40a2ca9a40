"""The Flask app of each function, with health, metrics, logs and problems."""

from collections.abc import Callable
from importlib.metadata import version
from types import MappingProxyType
from typing import Any, Final

from flask import Response, request
from flask.json.provider import JSONProvider
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from typing_extensions import override

from risksentinel.http.access import EventSenders, guard, hides_accounts, hides_conditions
from risksentinel.http.described_routes import DescribedRoutes
from risksentinel.http.health import Checks, health_routes, readiness
from risksentinel.http.masking import masked
from risksentinel.http.plain_response import PlainResponse
from risksentinel.http.problem_document import ProblemDocument, documented
from risksentinel.http.problems import answer_error
from risksentinel.http.request_log import log_requests
from risksentinel.http.requests import StrictRequest, id_of
from risksentinel.http.route_access import ROUTE_ACCESS, Routes
from risksentinel.http.validation_faults import refuse
from risksentinel.ports.authentication import Authenticator, local_caller
from risksentinel.ports.event_senders import EventAuthenticator, any_sender
from risksentinel.telemetry import metrics
from risksentinel.telemetry.gauge_readings import GaugeReading
from risksentinel.text import strict_json

MAX_BODY: Final = 1024 * 1024
NO_CHECKS: Final[Checks] = MappingProxyType({})


class ExactJson(JSONProvider):
    """JSON of Flask with exact decimals, masked accounts and strict parsing."""

    @override
    def dumps(self, obj: Any, **kwargs: Any) -> str:
        shown = masked(obj, conditions=hides_conditions()) if hides_accounts() else obj
        return strict_json.encode(shown).decode()

    @override
    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        return strict_json.decode(s.encode() if isinstance(s, str) else s)


class FunctionApp(OpenAPI):
    """A Flask app with RiskSentinel's requests, errors and OpenAPI document."""

    request_class = StrictRequest
    response_class = PlainResponse
    json_provider_class = ExactJson

    @override
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._undescribed: list[tuple[DescribedRoutes, str | None]] = []

    @override
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func  # no view is a coroutine function: Flask would ask that for each call

    @override
    def add_url_rule(self, rule: str, *args: Any, **kwargs: Any) -> None:
        # Registered without its last slash, a route matches both forms, and a wrong method of
        # either is 405; registered with it, a wrong method of the other form is 404.
        super().add_url_rule(rule.rstrip("/") or "/", *args, **kwargs)

    @override
    def register_api(self, api: DescribedRoutes, **options: Any) -> None:  # type: ignore[override]
        self.register_blueprint(api, **options)
        self._undescribed.append((api, options.get("url_prefix")))

    @override
    def make_default_options_response(self) -> Response:
        # The base class adds the methods of /rules/<rule_id> to those of /rules/vocabulary.
        asked = request.url_rule.rule if request.url_rule else ""
        rules = [rule for rule in self.url_map.iter_rules() if rule.rule == asked]
        response = self.response_class()
        response.allow.update(method for rule in rules for method in rule.methods or ())
        return response

    @override
    def generate_spec_json(self) -> None:
        for api, url_prefix in self._undescribed:
            api.describe(url_prefix)
            self._merge(api)
        self._undescribed.clear()
        super().generate_spec_json()  # type: ignore[no-untyped-call]  # the base class has no types
        self.spec_json = documented(self.spec_json)

    def _merge(self, api: DescribedRoutes) -> None:
        known = {tag.name for tag in self.tags}
        self.tags += [tag for tag in api.tags if tag.name not in known]
        for path, item in api.paths.items():
            # Two blueprints may document operations on the same path.
            operations = {name: getattr(item, name) for name in item.model_fields_set}
            before = self.paths.get(path)
            self.paths[path] = before.model_copy(update=operations) if before else item
        self.components_schemas.update(api.components_schemas)


def function_app(
    name: str,
    *,
    required: Checks = NO_CHECKS,
    optional: Checks = NO_CHECKS,
    authenticate: Authenticator = local_caller,
    event_senders: EventAuthenticator = any_sender,
    access: Routes = ROUTE_ACCESS,
) -> FunctionApp:
    """An app with access control, health, metrics and logs; every error is a problem document.

    A failed `required` check makes the function unavailable, a failed `optional` one degraded.
    """
    release = version("risksentinel")
    app = FunctionApp(
        name.replace("-", "_"),
        info=Info(title="RiskSentinel", version=release),
        doc_ui=False,
        static_folder=None,
        validation_error_model=ProblemDocument,
        validation_error_callback=refuse,
    )
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.register_error_handler(Exception, lambda error: answer_error(error, id_of(request)))
    counted = metrics.FunctionMetrics(name)
    log_requests(app, counted)
    guard(app, authenticate, EventSenders(event_senders, counted.sender_refused), access)
    app.register_api(health_routes(name, release, required, optional))
    ready = counted.ready(lambda: readiness(required, optional).status != "unavailable")
    app.add_url_rule("/metrics", "metrics", lambda: _exposition(ready))
    return app


def _exposition(ready: GaugeReading) -> Response:
    body, content_type = metrics.exposition(request.headers.get("Accept", ""), ready)
    return Response(body, content_type=content_type)
