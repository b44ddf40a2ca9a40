import getpass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from risksentinel.adapters.sql.api_keys import SqlKeyRecords
from risksentinel.adapters.sql.engine import open_engine
from risksentinel.cli.keys import keys
from risksentinel.domain.api_key import ApiKey, key_text
from risksentinel.errors import Conflict, Malformed, NotFound
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A migrated database for the commands."""
    monkeypatch.setenv("RISKSENTINEL_HOME", str(tmp_path))
    migrate(Settings(risksentinel_home=tmp_path).database)
    return tmp_path


def run(*arguments: str) -> Result:
    """Run `risksentinel keys`; exceptions propagate."""
    return CliRunner().invoke(keys, arguments, catch_exceptions=False)


def stored(home: Path) -> list[ApiKey]:
    """All keys."""
    engine = open_engine(Settings(risksentinel_home=home).database)
    try:
        return list(SqlKeyRecords(engine).keys())
    finally:
        engine.dispose()


def test_only_the_key_goes_to_standard_output(home: Path) -> None:
    """A script passes it on; nothing else ever shows it."""
    made = run("create", "--name", "core", "--role", "submitter", "--expires-in", "90d")
    (key,) = stored(home)

    text = key_text(made.stdout.strip())
    assert text is not None
    assert key.accepts(text.secret)
    assert key.created_by == f"operator:{getpass.getuser()}"
    assert text.secret not in made.stderr + run("list").output


def test_a_feed_of_labels_needs_no_role(home: Path) -> None:
    """It reports chargebacks and reads nothing."""
    assert run("create", "--name", "visa", "--label-source", "chargeback").exit_code == 0
    assert stored(home)[0].label_sources == {"chargeback"}


def test_a_list_shows_state_roles_sources_and_times(home: Path) -> None:
    """An operator finds the keys that are old, unused or too powerful."""
    run("create", "--name", "core", "--role", "submitter", "--role", "analyst")
    run("revoke", stored(home)[0].id)
    run("create", "--name", "visa", "--label-source", "chargeback", "--expires-in", "24h")

    first, second = run("list").stdout.splitlines()

    assert "core  revoked  analyst,submitter  -" in first
    assert "visa  active  -  chargeback" in second
    assert "last used never" in first


def test_a_rotation_prints_the_successor(home: Path) -> None:
    """The holder changes the key within the overlap."""
    run("create", "--name", "core", "--role", "submitter")

    made = run("rotate", stored(home)[0].id, "--overlap", "1h")

    old, new = stored(home)
    text = key_text(made.stdout.strip())
    assert text is not None
    assert new.accepts(text.secret)
    assert old.expires_at is not None
    assert new.expires_at is None


@pytest.mark.usefixtures("home")
def test_no_keys_are_said_to_be_none() -> None:
    """An empty answer looks like a failure."""
    assert run("list").stderr == "no keys\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "--name", "core", "--role", "root"),
        ("create", "--name", "core", "--label-source", "rumour"),
        ("create", "--name", "core", "--role", "analyst", "--expires-in", "90"),
        ("create", "--role", "analyst"),
    ],
)
def test_a_wrong_argument_is_refused(home: Path, arguments: tuple[str, ...]) -> None:
    """A key that differs from what was meant must not be made."""
    assert run(*arguments).exit_code == 2
    assert stored(home) == []


@pytest.mark.usefixtures("home")
def test_an_error_is_one_that_the_operator_can_correct() -> None:
    """The command group prints these errors as one line."""
    with pytest.raises(Malformed):
        run("create", "--name", "core")
    with pytest.raises(Malformed):
        run("create", "--name", "core", "--role", "analyst", "--expires-in", "0d")
    with pytest.raises(NotFound):
        run("revoke", "unknown")
    run("create", "--name", "core", "--role", "analyst")
    with pytest.raises(Conflict):
        run("create", "--name", "core", "--role", "analyst")
