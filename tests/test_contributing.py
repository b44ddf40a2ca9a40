"""docs/contributing.md names files and names that exist."""

import re
from pathlib import Path

GUIDE = Path("docs/contributing.md")
STEPS = (
    *("HTTP in", "parse", "known?", "history", "lists", "rules", "signals", "fuse", "escalate"),
    *("reports", "decide", "commit", "publish", "alert"),
)


def walk() -> list[list[str]]:
    """The cells of each step of "A payment's way"."""
    section = GUIDE.read_text(encoding="utf-8").partition("\n## A payment's way\n")[2]
    rows = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip(" `") for cell in row.split("|")[1:-1]] for row in rows[2:]]


def test_the_walk_names_one_existing_file_for_each_step() -> None:
    """A newcomer opens each file, and finds the place to begin with."""
    rows = walk()

    assert tuple(row[0] for row in rows) == STEPS
    for step, file, _, start in rows:
        code = Path(file).read_text(encoding="utf-8")
        assert re.search(rf"^\s*(def|class) {start}\b|^{start}\b", code, re.MULTILINE), (step, file)


def test_the_walk_is_at_most_twelve_files() -> None:
    """More files are no walk."""
    assert len({file for _, file, _, _ in walk()}) <= 12
