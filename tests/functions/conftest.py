import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import Client

from risksentinel.assembly.container import Container
from risksentinel.domain.access import Role
from risksentinel.domain.label import LabelSource
from risksentinel.embedded.gateway import Gateway
from risksentinel.migrations.migrate import migrate
from risksentinel.seed import seed
from risksentinel.settings import Settings
from risksentinel.settings.authentication import Method
from tests.functions.caller import (
    ALERTS,
    CASH,
    LARGE,
    NOW,
    REPORTS,
    RULE,
    RULES,
    TRANSACTIONS,
    caller,
    said,
)
from tests.functions.caller import gateway as gateway_of
from tests.functions.http_issuer import HttpIssuer, http_issuer
from tests.functions.keyed import keyed
from tests.functions.people import Functions, oidc
from tests.functions.people import functions as people_s_functions


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a migrated, empty database, to copy."""
    settings = Settings(risksentinel_home=tmp_path_factory.mktemp("migrated"))
    migrate(settings.database)
    return settings.risksentinel_home / "risksentinel.db"


@pytest.fixture
def container(migrated: Path, tmp_path: Path) -> Iterator[Container]:
    """The container on a new embedded database; the clock stays at NOW."""
    shutil.copy(migrated, tmp_path)
    container = Container(Settings(risksentinel_home=tmp_path), clock=lambda: NOW)
    yield container
    container.close()


@pytest.fixture
def guarded(container: Container) -> Iterator[Container]:
    """A container on the database of `container` whose functions ask for API keys."""
    settings = container.settings.model_copy(
        update={"auth": frozenset({Method.KEYS}), "four_eyes": False}
    )
    guarded = Container(settings, clock=lambda: NOW)
    yield guarded
    guarded.close()


@pytest.fixture
def four_eyes(container: Container) -> Iterator[Container]:
    """A container on the same database whose functions ask for API keys and for approvals."""
    settings = container.settings.model_copy(update={"auth": frozenset({Method.KEYS})})
    four_eyes = Container(settings, clock=lambda: NOW)
    yield four_eyes
    four_eyes.close()


@pytest.fixture
def author(four_eyes: Container) -> Client:
    """A caller who proposes changes."""
    return keyed(four_eyes, "author", Role.RULE_AUTHOR)


@pytest.fixture
def manager(four_eyes: Container) -> Client:
    """A caller who approves changes, proposes them, and stops rules."""
    return keyed(four_eyes, "manager", Role.RISK_MANAGER)


@pytest.fixture
def thandi(guarded: Container) -> Client:
    """A caller with every role, who is not `local`."""
    return keyed(guarded, "thandi", *Role, sources=LabelSource)


@pytest.fixture
def api(container: Container) -> Client:
    """A client of the functions behind their gateway."""
    return caller(container)


@pytest.fixture(scope="module")
def shared_home(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of one database with the default rules, for a module's tests."""
    home = tmp_path_factory.mktemp("contract")
    shutil.copy(migrated, home)
    return home


@pytest.fixture(scope="module")
def guarded_module(shared_home: Path) -> Iterator[Container]:
    """A container on the module's database whose functions ask for API keys."""
    settings = Settings(
        risksentinel_home=shared_home, auth=frozenset({Method.KEYS}), four_eyes=False
    )
    container = Container(settings, clock=lambda: NOW)
    yield container
    container.close()


@pytest.fixture(scope="module")
def gateway(shared_home: Path) -> Iterator[Gateway]:
    """The five functions on one database with the default rules; the clock stays at NOW."""
    container = Container(Settings(risksentinel_home=shared_home), clock=lambda: NOW)
    seed(container)
    yield gateway_of(container)
    container.close()


@pytest.fixture
def report(api: Client) -> dict[str, Any]:
    """An open report."""
    api.post(TRANSACTIONS, json={**CASH, "id": "p-1"})
    (report,) = said(api.get(REPORTS))["items"]
    return dict(report)


@pytest.fixture
def alert(api: Client) -> dict[str, Any]:
    """An open alert."""
    verdict = said(api.post(TRANSACTIONS, json=LARGE), 201)
    return said(api.get(ALERTS + verdict["alert_id"]))


@pytest.fixture
def rule(api: Client) -> dict[str, Any]:
    """A stored rule."""
    return said(api.post(RULES, json=RULE), 201)


@pytest.fixture
def payment(api: Client) -> dict[str, Any]:
    """A stored payment with an alert."""
    return said(api.post(TRANSACTIONS, json={**LARGE, "id": "p-1"}), 201)


@pytest.fixture
def issuer() -> Iterator[HttpIssuer]:
    """An issuer that signs thandi in, an analyst."""
    with http_issuer() as running:
        yield running


@pytest.fixture
def bank(issuer: HttpIssuer, migrated: Path, tmp_path: Path) -> Iterator[Functions]:
    """The functions of a bank that signs in at the issuer."""
    shutil.copy(migrated, tmp_path)
    with people_s_functions(tmp_path, **oidc(issuer)) as running:
        yield running
