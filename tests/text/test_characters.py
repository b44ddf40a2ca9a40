import sys
from unicodedata import category

from risksentinel.text.characters import FORBIDDEN_CHARACTERS, UNSTORABLE_CHARACTERS

ALL = "".join(map(chr, range(sys.maxunicode + 1)))


def test_control_characters_and_surrogates_are_forbidden() -> None:
    """Control characters change how a log or a terminal shows a text; surrogates have no UTF-8."""
    expected = [character for character in ALL if category(character) in {"Cc", "Cs"}]

    assert FORBIDDEN_CHARACTERS.findall(ALL) == expected


def test_unstorable_characters_are_nul_and_surrogates() -> None:
    """PostgreSQL stores every other character, so a note may have line breaks and tabs."""
    expected = [character for character in ALL if character == "\0" or category(character) == "Cs"]

    assert UNSTORABLE_CHARACTERS.findall(ALL) == expected
