"""Tests of the report: its schema, masked accounts, escaped texts, nothing from outside."""

import json
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from pyarrow import parquet  # type: ignore[import-untyped] # pyarrow ships no types
from typing_extensions import override

from risksentinel.backtest.inputs import Inputs
from risksentinel.backtest.report import write_report
from risksentinel.domain.transaction import EARLIEST
from risksentinel.rules.active_rules import ActiveRules
from risksentinel.rules.defaults import DEFAULT_RULES
from risksentinel.rules.parse import parse_rule
from risksentinel.scoring.escalations import ESCALATIONS
from risksentinel.scoring.policy import Policy
from risksentinel.scoring.policy_contents import PolicyContents, contents_document
from tests.backtest.decided import Pair, pairs, stored

ROOT: Final = Path(__file__).parents[2]
SCHEMA: Final = json.loads((ROOT / "docs" / "backtest-report.schema.json").read_bytes())
ACCOUNT: Final = "62000000001"
_RULES: Final = [
    parse_rule(
        {**document, "name": f"<i>{rule_id}</i>"},
        rule_id=rule_id,
        version=1,
        created_at=EARLIEST,
        updated_at=EARLIEST,
    )
    for rule_id, document in list(DEFAULT_RULES.items())[:3]
]
_OF_ONE: Final = {
    "name": "one account",
    "condition": {"field": "sender_id", "operator": "eq", "value": ACCOUNT},
    "weight": 0.1,
    "severity": "low",
}
_RULES.append(
    parse_rule(_OF_ONE, rule_id="one", version=1, created_at=EARLIEST, updated_at=EARLIEST)
)
CONTENTS: Final = contents_document(PolicyContents(Policy(), ActiveRules(_RULES), None))
INPUTS: Final = Inputs(
    {
        "policies": {
            "candidate": {"name": "<script>alert(1)</script>", "contents": CONTENTS},
            "compared": {"name": "stored", "contents": None},
        },
        "since": "1990-01-01T00:00:00+00:00",
        "until": "2026-05-05T00:00:00+00:00",
        "as_of": "2026-05-05T00:00:00+00:00",
        "file": None,
        "code": "abc",
        "model": None,
        "lists": {"mule": 3},
    }
)


class Page(HTMLParser):
    """The elements and the addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.feed(text)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember the element."""
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in {"src", "href"}]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def written(found: Sequence[Pair], *, full_accounts: bool) -> tuple[dict[str, Any], str, Any, Any]:
    """The report, the page, the changes and the grounds."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        write_report(INPUTS, stored(place / "parts", found), place, full_accounts=full_accounts)
        assert all(each.stat().st_mode & 0o077 == 0 for each in place.iterdir() if each.is_file())
        return (
            json.loads((place / "report.json").read_bytes()),
            (place / "report.html").read_text(),
            parquet.read_table(place / "changes.parquet").to_pylist(),
            parquet.read_table(place / "grounds.parquet").to_pylist(),
        )


@settings(max_examples=10)
@given(pairs())
def test_the_report_is_that_of_the_schema(found: Sequence[Pair]) -> None:
    """Readers of report.json build on docs/backtest-report.schema.json."""
    report, _, changes, grounds = written(found, full_accounts=False)

    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(report)
    assert len(changes) == sum(each["payments"] for each in report["changes"].values())
    assert len(grounds) == len(report["grounds"])
    assert {each["name"] for each in grounds} >= {*ESCALATIONS, *(r.name for r in _RULES)}


@settings(max_examples=8)
@given(pairs().filter(bool))
def test_account_numbers_are_masked_in_every_file(found: Sequence[Pair]) -> None:
    """Also in reasons; `--full-accounts` shows them."""
    masked = written(found, full_accounts=False)
    full = written(found, full_accounts=True)

    assert ACCOUNT in json.dumps(full[0]["policies"])
    assert "6200000000" not in json.dumps(masked[0])
    assert "6200000000" not in masked[1]
    assert "6200000000" not in str(masked[2])
    changed = [each["sender_id"] for each in full[2]]
    assert all(each.startswith("6200000000") for each in changed)
    assert len(changed) == len(masked[2])


@settings(max_examples=8)
@given(pairs())
def test_the_page_runs_nothing_and_loads_nothing(found: Sequence[Pair]) -> None:
    """Names of rules and policies are texts of operators; the page is opened by analysts."""
    _, text, _, _ = written(found, full_accounts=False)
    page = Page(text)

    assert page.tags.isdisjoint({"script", "i", "b", "link", "img", "iframe", "object", "form"})
    assert not page.addresses
    assert not page.handlers
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "default-src 'none'" in text
    assert {"svg", "polyline", "table"} <= page.tags


def test_a_report_that_fails_leaves_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file appears whole."""
    sides = stored(tmp_path / "parts", [])
    write_report(INPUTS, sides, tmp_path, full_accounts=False)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    monkeypatch.setattr("risksentinel.backtest.report.page", lambda _: "\ud800")

    with pytest.raises(UnicodeEncodeError):
        write_report(INPUTS, sides, tmp_path, full_accounts=False)

    after = {name: (tmp_path / name).read_bytes() for name in before}
    assert after == before
