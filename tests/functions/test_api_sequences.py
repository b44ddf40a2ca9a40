"""The document's links against the engine: operations that follow one another."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import use_after_free
from typing_extensions import override

from infra.local.gateway import Gateway
from infra.seed import seed
from risksentinel.assembly.backbone import Backbone
from risksentinel.runtime.settings import Settings
from tests.functions.caller import NOW
from tests.functions.caller import gateway as gateway_of
from tests.functions.contract import document, excluded

MAX_SEQUENCES = 10  # each has a fresh engine, for 0.3 s
# By the first part of the paths: what the sequences must reach, or they would prove nothing.
REACHED = {
    "transactions": {
        "GET /api/v1/transactions/{transaction_id} 200",
        "GET /api/v1/transactions/{transaction_id}/score 200",
        "POST /api/v1/transactions/{transaction_id}/label 201",
    },
    "rules": {
        "GET /api/v1/rules/{rule_id} 200",
        "PATCH /api/v1/rules/{rule_id} 200",
        "DELETE /api/v1/rules/{rule_id} 200",
    },
    "lists": {
        "POST /api/v1/lists/{name}/entries 201",
        "DELETE /api/v1/lists/{name}/entries/{value} 204",
        "DELETE /api/v1/lists/{name} 204",
    },
}
STAYS = {"rules": [use_after_free]}  # to delete a rule is to deactivate it: it can still be read


@pytest.fixture
def seeded(migrated: Path, tmp_path: Path) -> Path:
    """A database with the default rules, to copy."""
    home = tmp_path / "seeded"
    home.mkdir()
    shutil.copy(migrated, home)
    backbone = Backbone(Settings(risksentinel_home=home), clock=lambda: NOW)
    seed(backbone)
    backbone.close()
    return home / migrated.name


@pytest.mark.parametrize("part", REACHED)
def test_what_one_answer_gives_the_next_request_takes(
    part: str, seeded: Path, tmp_path: Path
) -> None:
    """A client makes a thing, changes it, deletes it: no single request has such answers."""
    reached: set[str] = set()
    numbers = count()
    machine: Any = document.include(path_regex=f"^/api/v1/{part}").as_state_machine()

    class Sequences(machine):  # type: ignore[misc]  # a class made at run time
        """Each sequence has an engine of its own: what another one left must not steer it."""

        opened: ExitStack | None = None

        @override
        def get_call_kwargs(self, case: schemathesis.Case[Any]) -> dict[str, Any]:
            if self.opened is None:
                self.opened = ExitStack()
                home = tmp_path / str(next(numbers))
                self.gateway = self.opened.enter_context(_engine(seeded, home))
            return {"app": self.gateway}

        @override
        def teardown(self) -> None:
            if self.opened is not None:
                self.opened.close()

        @override
        def validate_response(
            self, response: Response, case: schemathesis.Case[Any], *_: Any, **__: Any
        ) -> None:
            reached.add(f"{case.operation.label} {response.status_code}")
            beyond = [*excluded(response), *STAYS.get(part, ())]
            case.validate_response(response, excluded_checks=beyond, recorder=self.recorder)

    Sequences.run(
        settings=settings(
            max_examples=MAX_SEQUENCES,
            stateful_step_count=10,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
    )

    assert reached >= REACHED[part]


@contextmanager
def _engine(database: Path, home: Path) -> Iterator[Gateway]:
    home.mkdir()
    shutil.copy(database, home)
    backbone = Backbone(Settings(risksentinel_home=home), clock=lambda: NOW)
    yield gateway_of(backbone)
    backbone.close()
