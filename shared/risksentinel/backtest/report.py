"""write_report: a comparison -> report.json, changes.parquet, grounds.parquet and report.html."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from risksentinel.backtest.comparison import KINDS, Comparison, Row
from risksentinel.backtest.figures import Ground, rand
from risksentinel.backtest.html_page import page
from risksentinel.backtest.inputs import CANDIDATE, COMPARED, Inputs
from risksentinel.backtest.report_files import changes_file, shown, whole_file, write_grounds
from risksentinel.backtest.tables import DecidedSide, both
from risksentinel.http.masking import masked
from risksentinel.scoring.escalations import ESCALATIONS

JSON_FILE: Final = "report.json"
HTML_FILE: Final = "report.html"
CHANGES_FILE: Final = "changes.parquet"
GROUNDS_FILE: Final = "grounds.parquet"
_VERSION: Final = 1  # of the schema of report.json
_NOTES: Final = (
    "Named lists: their entries of today, not those of the time of each payment.",
    "A payment without a label is unknown, not genuine: precision and recall are of labels only.",
    "Most labels are of payments that raised an alert, so recall is of frauds that were found.",
    "Rand saved is the sum of labelled fraud that is declined or sent to review.",
    "Alerts of imported payments are counted as if they had been new.",
)
_SIDES: Final = (CANDIDATE, COMPARED)


@dataclass(frozen=True, slots=True)
class Written:
    """The report, and where it was written."""

    report: Mapping[str, Any]
    folder: Path


def write_report(
    inputs: Inputs, sides: tuple[DecidedSide, DecidedSide], folder: Path, *, full_accounts: bool
) -> Written:
    """Compare, and write the four files; each of them appears whole.

    Raises:
        Rejected: the policies were not given the same payments and labels.
    """
    found = Comparison()
    with changes_file(folder / CHANGES_FILE, full_accounts=full_accounts) as on_change:
        for segment in both(*sides):
            found.add(segment, on_change)
    document = report(inputs, found, full_accounts=full_accounts)
    write_grounds(folder / GROUNDS_FILE, document["grounds"])
    encoded = json.dumps(document, indent=2, ensure_ascii=False)
    for name, text in ((JSON_FILE, f"{encoded}\n"), (HTML_FILE, page(document))):
        with whole_file(folder / name) as file:
            file.write(text.encode())
    return Written(document, folder)


def report(inputs: Inputs, found: Comparison, *, full_accounts: bool) -> dict[str, Any]:
    """The report as JSON."""
    stated = inputs.document
    return {
        "version": _VERSION,
        "policies": {
            side: {
                "name": inputs.name(side),
                "contents": inputs.policy(side) if full_accounts else masked(inputs.policy(side)),
            }
            for side in _SIDES
        },
        "since": stated["since"] if stated["file"] is None else None,
        "until": stated["until"] if stated["file"] is None else None,
        "labels_as_of": stated["as_of"],
        "file": stated["file"] and {name: stated["file"][name] for name in ("name", "sha256")},
        "code": stated["code"],
        "model": stated["model"],
        "lists": stated["lists"],
        "payments": found.payments,
        "days": found.days,
        "labelled_fraud": found.frauds,
        "labelled_genuine": found.genuine,
        "unlabelled": found.payments - found.frauds - found.genuine,
        "fraud_zar": rand(found.fraud_cents),
        "good_customers": len(found.good_customers),
        "figures": {
            side: figures.row(found.frauds, found.days) for side, figures in found.figures.items()
        },
        "changes": {
            name: {
                "what": KINDS[name],
                "payments": changed.payments,
                "amount_zar": rand(changed.cents),
                "examples": [shown(row, full_accounts=full_accounts) for row in changed.examples],
            }
            for name, changed in found.changes.items()
        },
        "decisions": [
            {"compared": before, "candidate": after, "payments": count}
            for (before, after), count in sorted(found.decisions.items())
        ],
        "grounds": _ground_rows(inputs, found),
        "by_day": found.by_day(),
        "notes": list(_NOTES),
    }


def _ground_rows(inputs: Inputs, found: Comparison) -> list[Row]:
    """A row for each rule and escalation of each policy, those that never applied too."""
    rows = []
    for side in _SIDES:
        contents, counted = inputs.policy(side), found.figures[side].grounds
        names = {rule["id"]: rule["name"] for rule in (contents or {}).get("rules", ())}
        every = dict.fromkeys([("rule", name) for name in names])
        every |= dict.fromkeys([("escalation", name) for name in ESCALATIONS])
        for kind, name in sorted(every | dict.fromkeys(counted)):
            ground = counted.get((kind, name))
            counts = (ground or Ground()).row()
            rows.append(
                {"policy": side, "kind": kind, "id": name, "name": names.get(name, name), **counts}
            )
    return rows
