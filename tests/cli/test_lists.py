from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from risksentinel.adapters.sql.engine import open_engine, reading
from risksentinel.adapters.sql.list_records import SqlListRecords
from risksentinel.adapters.sql.proposals import SqlProposalRecords
from risksentinel.adapters.sql.tables import audit_log
from risksentinel.cli import lists as module
from risksentinel.cli.audited import operator
from risksentinel.cli.lists import lists
from risksentinel.errors import Malformed, NotFound
from risksentinel.migrations.migrate import migrate
from risksentinel.settings import Settings


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A migrated database for the commands."""
    monkeypatch.setenv("RISKSENTINEL_HOME", str(tmp_path))
    migrate(Settings(risksentinel_home=tmp_path).database)
    return tmp_path


def run(*arguments: object) -> Result:
    """Run `risksentinel lists`; exceptions propagate."""
    return CliRunner().invoke(lists, [str(each) for each in arguments], catch_exceptions=False)


def test_an_import_in_steps_is_exported_unchanged(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One commit of a million entries would block payments."""
    monkeypatch.setattr(module, "STEP", 4)
    monkeypatch.setattr(module, "_PAGE", 3)
    source, copy = home / "in.csv", home / "out.csv"
    source.write_text("value,reason\n" + "".join(f"acc-{n},=case {n}\n" for n in range(10)))

    first = run("import", "mule", source)
    exported = run("export", "mule", copy)
    again = run("import", "mule", copy)

    assert first.stdout == "10 added to mule, 0 replaced\n"
    assert "8 of 10" in first.stderr
    assert exported.stdout == f"10 entries of mule to {copy}\n"
    assert copy.stat().st_mode & 0o077 == 0
    assert again.stdout == "0 added to mule, 10 replaced\n"
    engine = open_engine(Settings(risksentinel_home=home).database)
    records = SqlListRecords(engine)
    kept = records.entries(records.named("mule"), None, 99).items
    with reading(engine) as connection:
        audited = connection.execute(audit_log.select().order_by(audit_log.c.id)).all()
    engine.dispose()
    assert [entry.reason for entry in kept] == [f"=case {n}" for n in range(10)]
    actions = ["list.imported"] * 3 + ["list.exported"] + ["list.imported"] * 3
    assert [row.action for row in audited] == actions
    assert [row.details.get("added") for row in audited] == [4, 4, 2, None, 0, 0, 0]
    assert {row.actor for row in audited} == {operator()}


def test_a_wrong_last_line_refuses_the_whole_file(home: Path) -> None:
    """The whole file is validated before the first write."""
    source = home / "in.csv"
    source.write_text("value\n" + "a\nb\n" + " a\n")

    with pytest.raises(Malformed, match="line 4: value repeats line 2"):
        run("import", "mule", source)

    assert run("export", "mule", home / "out.csv").stdout.startswith("0 entries")


def test_an_unknown_list_is_refused(home: Path) -> None:
    """A misspelt name would create a list that no rule uses."""
    source = home / "in.csv"
    source.write_text("value\na\n")

    with pytest.raises(NotFound):
        run("import", "mules", source)


def test_a_file_in_another_encoding_is_refused(home: Path) -> None:
    """Values that are decoded wrongly would match nothing."""
    source = home / "in.csv"
    source.write_bytes(b"value\n\xe9\n")

    answer = run("import", "mule", source)

    assert answer.exit_code == 1
    assert "is not UTF-8" in answer.output


def test_with_four_eyes_an_import_is_only_proposed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A command must not change a list that the API protects."""
    monkeypatch.setenv("AUTH", "keys")
    source = home / "in.csv"
    source.write_text("value\nacc-1\nacc-2\n")

    done = run("import", "mule", source)

    assert done.output.startswith("proposed 2 entries of mule: ")
    engine = open_engine(Settings(risksentinel_home=home).database)
    assert SqlListRecords(engine).named("mule").size == 0
    proposal = SqlProposalRecords(engine).proposal(done.output.split()[-1])
    assert (proposal.after or {})["size"] == 2
    engine.dispose()
