"""The check of words reads the table of docs/contributing.md."""

from pathlib import Path

import pytest

from infra.plain_words import GUIDE, checked, finder, main, plain_words

TABLE = """# Contributing

## Plain words

| not used | written instead |
|---|---|
| `olden`, `at a loom` | again |
| `OLD_…` | `NEW_…` |
| `Gong` | callback |

## Tests

A test is started olden.
"""
ANY = Path("x.py")


def found(text: str) -> list[tuple[int, str, str]]:
    """Line, word and replacement of each find by the table above."""
    return [(each.line, each.word, each.instead) for each in finder(plain_words(TABLE))(ANY, text)]


def test_each_term_of_the_guide_has_a_replacement_and_is_found() -> None:
    """A row that the parser does not read would forbid nothing."""
    words = plain_words(GUIDE.read_text(encoding="utf-8"))
    find = finder(words)

    assert len(words) > 30
    assert all(each.instead for each in words)
    for word in words:
        text = f"a\nb {word.term.replace('…', 'X')} c"
        assert [(each.line, each.word) for each in find(ANY, text)] == [(2, word.term)]


@pytest.mark.parametrize(
    ("text", "finds"),
    [
        ("It is written Olden.", [(1, "olden", "again")]),
        ("def start_olden():", [(1, "olden", "again")]),
        ("a\nwaits at a\n  loom", [(2, "at a loom", "again")]),
        ("_OLD_BYTES = 1", [(1, "OLD_…", "`NEW_…`")]),
        ("Gong and gong", [(1, "Gong", "callback")]),
        ("olden and OLD_X", [(1, "olden", "again"), (1, "OLD_…", "`NEW_…`")]),
        ("renew, oldenly, bold_all, doorGong, 0006-olden.md, start-olden, olden-2", []),
    ],
)
def test_a_term_is_found_as_a_word(text: str, finds: list[tuple[int, str, str]]) -> None:
    """In any case and within identifiers; file names with hyphens stay as they are."""
    assert found(text) == finds


def test_the_table_itself_is_not_checked() -> None:
    """The rest of the guide is, by the line numbers of the file."""
    finds = list(finder(plain_words(TABLE))(GUIDE, checked(GUIDE, TABLE)))

    assert [str(each) for each in finds] == ["docs/contributing.md:13: 'olden': write again"]


def test_a_table_that_a_command_writes_is_not_checked() -> None:
    """Its words come from the code, which is checked."""
    page = "a\n<!-- rules: written by python -m x -->\n| olden |\n<!-- end of rules -->\nolden\n"

    finds = list(finder(plain_words(TABLE))(ANY, checked(ANY, page)))

    assert [each.line for each in finds] == [5]


def test_released_sections_of_the_changelog_are_not_checked() -> None:
    """History is not rewritten."""
    text = "# Changelog\n\n## [Unreleased]\n- new\n\n## [0.1.0]\n- olden\n"

    assert checked(Path("CHANGELOG.md"), text) == "# Changelog\n\n## [Unreleased]\n- new\n"


def test_the_command_fails_with_file_line_word_and_replacement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make check` fails; a clean folder and a file of another kind pass."""
    (tmp_path / GUIDE).parent.mkdir()
    (tmp_path / GUIDE).write_text(TABLE)
    (tmp_path / "code").mkdir()
    (tmp_path / "code/clean.py").write_text("again\n")
    (tmp_path / "code/uv.lock").write_text("olden\n")
    monkeypatch.chdir(tmp_path)
    assert main(["code"]) == 0

    (tmp_path / "code/old.md").write_text("\nstarted olden\n")

    assert main(["code"]) == 1
    assert capsys.readouterr().err == "code/old.md:2: 'olden': write again\n"
