"""python -m ml.feature_docs: write the table of features into docs/detection.md."""

from pathlib import Path
from typing import Final

from risksentinel.scoring.features.table import FEATURES

PAGE: Final = Path("docs/detection.md")
_BEGIN: Final = "<!-- features: written by python -m ml.feature_docs -->\n"
_END: Final = "<!-- end of features -->\n"


def table() -> str:
    """The features as Markdown."""
    lines = ["| feature | unit | looks back | meaning |", "|---|---|---|---|"]
    lines += [
        f"| `{name}` | {one.unit} | {one.window} | {one.meaning} |"
        for name, one in FEATURES.items()
    ]
    return "\n".join(lines) + "\n"


def with_table(page: str) -> str:
    """The page with the table as it is now."""
    return between(page, (_BEGIN, _END), table())


def between(page: str, marks: tuple[str, str], text: str) -> str:
    """The page with this text between its two marks."""
    begin, end = marks
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}{text}{end}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
