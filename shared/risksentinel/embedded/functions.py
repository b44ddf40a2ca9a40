"""FUNCTIONS: builds each function of the engine by its name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from functions.alert_dispatch.main import build as build_alert_dispatch
from functions.dashboard.main import build as build_dashboard
from functions.ingest.main import build as build_ingest
from functions.rules_crud.main import build as build_rules_crud
from functions.score.main import build as build_score
from risksentinel.assembly.container import Container
from risksentinel.http.function_app import FunctionApp

FUNCTIONS: Final[Mapping[str, Callable[[Container], FunctionApp]]] = MappingProxyType(
    {
        "ingest": build_ingest,
        "score": build_score,
        "alert-dispatch": build_alert_dispatch,
        "rules-crud": build_rules_crud,
        "dashboard": build_dashboard,
    }
)
