"""Warnings about the texts of a rule: countries, blanks, and lists that do not exist."""

from collections.abc import Callable, Collection, Iterator
from typing import Final

from risksentinel.errors import Violation
from risksentinel.rules.countries import COUNTRIES, MISWRITTEN
from risksentinel.rules.names import quoted
from risksentinel.rules.normal_form import Literal

_WHOLE: Final = ("eq", "ne", "in", "not_in")
_BLANKS_MATTER: Final[dict[str, Callable[[str], str]]] = {
    **dict.fromkeys(_WHOLE, str.strip),
    "starts_with": str.lstrip,
    "ends_with": str.rstrip,
}


def of_texts(literal: Literal, known_lists: Collection[str] | None) -> Iterator[Violation]:
    """Return the probable mistakes in the texts of one comparison."""
    if literal.field == "receiver_country" and literal.operator in _WHOLE:
        yield from _of_countries(literal)
    if literal.exact:
        yield from _of_blanks(literal)
    if literal.operator == "in_list" and known_lists is not None:
        yield from _of_lists(literal, known_lists)


def _of_countries(literal: Literal) -> Iterator[Violation]:
    for path, text in _texts(literal):
        code = text.strip().upper()
        if (text.strip() if literal.exact else code) in COUNTRIES:  # blanks have their own warning
            continue
        if (meant := MISWRITTEN.get(code, code)) in COUNTRIES:
            words = f"write {quoted(meant)}"
        else:
            words = "write its two capital letters, like 'NG' for Nigeria"
        yield Violation(path, f"{quoted(text)} is no country code of ISO 3166-1 alpha-2; {words}")


def _of_blanks(literal: Literal) -> Iterator[Violation]:
    cut = _BLANKS_MATTER.get(literal.operator)
    for path, text in _texts(literal) if cut else ():
        if cut and cut(text) != text:
            yield Violation(
                path,
                f"{quoted(text)} has blanks at an end, and the comparison is exact, so that it "
                f"differs from {quoted(text.strip())}; take the blanks away",
            )


def _of_lists(literal: Literal, known: Collection[str]) -> Iterator[Violation]:
    if literal.value not in known:
        yield Violation(
            f"{literal.path}.value",
            f"there is no list {quoted(literal.value)}, so the comparison is unknown; create the "
            f"list, or name one of: {', '.join(sorted(known)) or 'none exists'}",
        )


def _texts(literal: Literal) -> Iterator[tuple[str, str]]:
    several = isinstance(literal.value, list)
    for index, text in enumerate(literal.values):
        if isinstance(text, str):
            yield f"{literal.path}.value[{index}]" if several else f"{literal.path}.value", text
