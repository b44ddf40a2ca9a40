"""python -m ml.rule_metrics: write precision and recall per rule into docs/detection.md.

Measured on the generator's payments of one seed: the figures show the effect of a change of
a rule or of a typology, not the quality of a rule on real payments.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from ml.backfill import steps
from ml.engine_decision import RULES
from ml.feature_docs import PAGE, between
from ml.report_rows import ground_rows
from ml.synthetic import Case, Synthetic, drawn_cases
from ml.typologies import TYPOLOGIES, TYPOLOGY_OF_RULE
from ml.verdicts import Verdicts, verdicts
from risksentinel.domain.history import Snapshot
from risksentinel.scoring.policy import Policy

SEED: Final = 1
PEOPLE: Final = 100
MARKS: Final = (
    "<!-- rules: written by python -m ml.rule_metrics -->\n",
    "<!-- end of rules -->\n",
)
_HEADS: Final = (
    (
        "| rule or escalation | payments | frauds | precision | typology | its cases found |\n"
        "|---|---|---|---|---|---|\n"
    ),
    "\n| typology | cases | with an alert |\n|---|---|---|\n",
)
_RULE: Final = "rule "
Row = Mapping[str, Any]


class RuleMetrics(NamedTuple):
    """A row for each default rule and escalation, and one for each typology."""

    grounds: Sequence[Row]
    typologies: Sequence[Row]


def rule_metrics() -> RuleMetrics:
    """Measure without a model, on the payments of one seed.

    `cases` counts the frauds of the typology, `found` the frauds with at least one payment that
    the rule fired on, or that raised an alert.
    """
    drawn = drawn_cases(SEED, PEOPLE)
    found = _verdicts(drawn)
    rows = {row["name"]: row for row in ground_rows(found.grounds, drawn.data.fraud)}
    silent = {"payments": 0, "frauds": 0, "precision": None}
    names = sorted(f"{_RULE}{rule.id}" for rule in RULES)
    names += [name for name in rows if not name.startswith(_RULE)]
    grounds: list[Row] = [
        {**rows.get(name, silent), **_of_rule(name, drawn, found), "name": name} for name in names
    ]
    alerts = found.alerts.tolist()
    cases: list[Row] = [
        {"name": name, **_of(name, drawn, alerts.__getitem__)} for name in TYPOLOGIES
    ]
    return RuleMetrics(grounds, cases)


def with_tables(page: str, found: RuleMetrics) -> str:
    """The page with the tables as they are now."""
    grounds, cases = map(_ground, found.grounds), map(_case, found.typologies)
    return between(page, MARKS, "".join((_HEADS[0], *grounds, _HEADS[1], *cases)))


def _verdicts(drawn: Synthetic) -> Verdicts:
    policy, data = Policy(), drawn.data
    everything = data.fraud >= 0
    history: list[Snapshot] = [
        step.snapshot for step in steps(data, policy, everything) if step.snapshot is not None
    ]
    return verdicts(data.payments, history, None, policy)


def _of_rule(name: str, drawn: Synthetic, found: Verdicts) -> Row:
    typology = TYPOLOGY_OF_RULE.get(name.removeprefix(_RULE))
    if typology is None:
        return {"typology": None}
    named = _of(typology, drawn, lambda place: name in found.grounds[place])
    return {"typology": typology, **named}


def _of(typology: str, drawn: Synthetic, hit: Callable[[int], bool]) -> Row:
    mine: list[tuple[int, Case]] = [
        (place, case)
        for place, case in enumerate(drawn.cases)
        if case is not None and case.typology == typology
    ]
    found = {case.number for place, case in mine if hit(place)}
    return {"cases": len({case.number for _, case in mine}), "found": len(found)}


def _ground(row: Row) -> str:
    name = row["name"].removeprefix(_RULE)
    precision = "" if row["precision"] is None else f"{row['precision']:.2f}"
    found = "" if row["typology"] is None else f"{row['found']} of {row['cases']}"
    cells = (f"`{name}`", row["payments"], row["frauds"], precision, row["typology"] or "", found)
    return _line(cells)


def _case(row: Row) -> str:
    return _line((row["name"], row["cases"], row["found"]))


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |\n"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(), rule_metrics()))
