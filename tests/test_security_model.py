import re
from pathlib import Path

MODEL = Path("docs/security.md").read_text(encoding="utf-8")
ROWS = [line for line in MODEL.splitlines() if re.match(r"\| [STRIDE] \|", line)]


def test_every_defence_names_a_test_that_is_there() -> None:
    """A defence whose test was renamed or deleted is not known to hold."""
    files = Path("tests").rglob("test_*.py")
    there = {name for each in files for name in re.findall(r"def (test_\w+)", each.read_text())}

    unproven = [row for row in ROWS if not re.search(r"`test_\w+`", row)]

    assert ROWS
    assert unproven == []
    assert {*re.findall(r"`(test_\w+)`", MODEL)} <= there


def test_every_category_of_threats_is_considered() -> None:
    """STRIDE has six categories; a model without one of them is not finished."""
    assert {row[2] for row in ROWS} == {*"STRIDE"}
