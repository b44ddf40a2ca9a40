"""python -m infra.plain_words [PATH ...]: find the words that docs/contributing.md replaces.

Reads the table under "Plain words" there, and the given files and folders, by default the whole
repository. Prints file, line, word and replacement of each find; exits with 1 where there is one.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from typing_extensions import override

GUIDE: Final = Path("docs/contributing.md")
_CHANGELOG: Final = Path("CHANGELOG.md")
_ALL: Final = tuple(
    map(
        Path,
        (
            *("README.md", "CHANGELOG.md", "Makefile", "pyproject.toml", "docker-compose.yml"),
            *(".ci", ".env.example", "docs", "functions", "infra", "knative", "ml", "shared"),
            "tests",
        ),
    )
)
_SUFFIXES: Final = frozenset(
    {
        *(".py", ".md", ".yaml", ".yml", ".json", ".toml", ".env", ".example", ".lua", ".js"),
        *(".txt", ".html", ".mako", ".sh"),
    }
)
_NAMES: Final = frozenset({"Makefile", "Dockerfile", "install", "run"})
_WRITTEN: Final = re.compile(r"<!-- \w+: written by .*?<!-- end of ", re.DOTALL)
_TERM: Final = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class PlainWord:
    """A term that is not used, and what is written instead."""

    term: str
    instead: str

    @property
    def pattern(self) -> str:
        """The regex of the term: a whole word, in any case unless the term has a capital.

        A blank of the term may be a line break, and … at its end is the rest of a word.
        """
        stem = self.term.removesuffix("…")
        parts = r"\s+".join(map(re.escape, stem.split()))
        after = r"(?![A-Za-z0-9]|-[A-Za-z0-9])" if stem == self.term else ""
        return f"(?i:{parts}){after}" if self.term.islower() else f"{parts}{after}"


@dataclass(frozen=True, slots=True)
class Find:
    """A line with a word that is not used."""

    path: Path
    line: int
    word: str
    instead: str

    @override
    def __str__(self) -> str:
        """One line, as linters print it."""
        return f"{self.path}:{self.line}: {self.word!r}: write {self.instead}"


def plain_words(guide: str) -> list[PlainWord]:
    """The rows of the table in the guide, one entry for each term of the first column."""
    rows = [line.split("|")[1:3] for line in _section(guide).splitlines() if line.startswith("|")]
    return [
        PlainWord(term, instead.strip())
        for terms, instead in rows[2:]
        for term in _TERM.findall(terms)
    ]


def finder(words: Sequence[PlainWord]) -> Callable[[Path, str], Iterator[Find]]:
    """Make the function that finds the words in a text of a file.

    A word is found as a part of an identifier too, but not in a hyphenated name.
    """
    terms = "|".join(f"({word.pattern})" for word in words)
    pattern = re.compile(rf"(?<![A-Za-z0-9])(?<![A-Za-z0-9]-)(?:{terms})")

    def find(path: Path, text: str) -> Iterator[Find]:
        for match in pattern.finditer(text):
            word = words[(match.lastindex or 1) - 1]
            line = text.count("\n", 0, match.start()) + 1
            yield Find(path, line, word.term, word.instead)

    return find


def checked(path: Path, text: str) -> str:
    """The part of a file that is checked; lines keep their numbers.

    Left out are the table of words, released sections of the changelog, and tables that a command
    writes into a page: their source is checked.
    """
    text = _WRITTEN.sub(lambda table: "\n" * table.group().count("\n"), text)
    if path.name == GUIDE.name:
        table = _section(text)
        return text.replace(table, "\n" * table.count("\n"))
    if path.name == _CHANGELOG.name:
        return "\n## [".join(text.split("\n## [")[:2])
    return text


def _section(guide: str) -> str:
    return guide.partition("\n## Plain words\n")[2].partition("\n## ")[0]


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        inside = path.rglob("*") if path.is_dir() else (path,)
        yield from sorted(
            file
            for file in inside
            if file.is_file() and (file.suffix in _SUFFIXES or file.name in _NAMES)
        )


def main(arguments: Sequence[str]) -> int:
    """Print each find; answers 1 where there is one."""
    find = finder(plain_words(GUIDE.read_text(encoding="utf-8")))
    found = [
        each
        for path in _files(map(Path, arguments) if arguments else _ALL)
        for each in find(path, checked(path, path.read_text(encoding="utf-8")))
    ]
    for each in found:
        sys.stderr.write(f"{each}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
