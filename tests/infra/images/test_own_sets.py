"""Each function works with the dependencies of its image only."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.flow.engine_process import EngineProcess, started
from tests.flow.test_functions_alone import WORKS
from tests.infra.images.own_environment import OwnEnvironment, own_environment, wheel
from tests.seeded import seeded

NO_SERVER = (
    "127.0.0.1:9"  # the discard port: nothing listens, and clients must be there to find out
)
SERVERS: Mapping[str, str] = {
    "REDIS_URL": f"redis://{NO_SERVER}/0",
    "KAFKA_BOOTSTRAP_SERVERS": NO_SERVER,
    "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{NO_SERVER}",
}
TRAINING = {"scikit-learn", "scipy", "pandas", "joblib", "onnx", "matplotlib"}
TOOLS = {"pip", "setuptools", "hatchling", "uv", "pytest", "ruff", "mypy"}
COMMANDS = {"alembic", "rich", "pyarrow", "filelock"}
SCORING = {"redis", "boto3", "botocore", "onnxruntime", "numpy"}
PAGE = {"flask-openapi3-swagger", "flask-openapi3-redoc"}
ALERTS = {"standardwebhooks"}
OF_OTHERS = {
    "ingest": PAGE | ALERTS,
    "score": PAGE | ALERTS,
    "alert_dispatch": PAGE | SCORING,
    "rules_crud": PAGE | SCORING | ALERTS,
    "dashboard": SCORING | ALERTS,
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the project."""
    return wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module", params=WORKS)
def own(
    request: pytest.FixtureRequest, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, OwnEnvironment]:
    """A function and its environment."""
    function = request.param
    return function, own_environment(function, project, tmp_path_factory.mktemp(function))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a migrated database and the default rules."""
    return seeded(tmp_path).risksentinel_home


def test_a_function_has_no_dependency_of_others(own: tuple[str, OwnEnvironment]) -> None:
    """A function has no dependency of another one, which would need pulling and patching."""
    function, environment = own

    assert not environment.packages & (TRAINING | TOOLS | COMMANDS | OF_OTHERS[function])


def test_a_function_starts_and_works(own: tuple[str, OwnEnvironment], home: Path) -> None:
    """A missing dependency fails here, not at the first payment."""
    function, environment = own

    with _served(function, environment, home) as engine:
        assert engine.call("GET", "/health/liveness").body == {"status": "ok"}
        WORKS[function](engine)


def test_a_function_has_the_clients_of_all_servers(
    own: tuple[str, OwnEnvironment], home: Path
) -> None:
    """The lazily imported clients are installed."""
    function, environment = own

    with _served(function, environment, home, **SERVERS) as engine:
        assert engine.call("GET", "/health/readiness").body["status"] in {"ok", "degraded"}
        assert "ModuleNotFoundError" not in engine.log.read_text()


def test_the_page_has_its_assets(project: Path, home: Path, tmp_path: Path) -> None:
    """The dashboard has the packages with its assets."""
    environment = own_environment("dashboard", project, tmp_path)

    with _served("dashboard", environment, home) as engine:
        for page in ("/docs", "/redoc", "/openapi.json"):
            assert engine.call("GET", page).status == 200, page


def _served(
    function: str, environment: OwnEnvironment, home: Path, **settings: str
) -> AbstractContextManager[EngineProcess]:
    source = environment.app / "functions" / function / "main.py"
    ours = {
        "PYTHONPATH": str(environment.app),
        "FUNCTION_TARGET": function,
        "FUNCTION_SOURCE": str(source),
        "THREADS": "4",
        **settings,
    }
    return started(environment.gunicorn, home, ours)
