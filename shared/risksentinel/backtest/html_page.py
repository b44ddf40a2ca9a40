"""page: a report -> one HTML page without scripts, and without anything from outside."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, SubElement, tostring

from risksentinel.backtest.inputs import CANDIDATE, COMPARED
from risksentinel.backtest.plots import COLOURS, bars, lines_by_day, shares

Report = Mapping[str, Any]
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
_STYLE: Final = """
body{font:15px/1.5 system-ui,sans-serif;color:#1b1b1b;max-width:1080px;margin:2em auto}
table{border-collapse:collapse;margin:.6em 0 1.6em}
th,td{border-bottom:1px solid #ddd;padding:.25em .7em;text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
svg{max-width:100%;height:auto}svg text{font-size:12px;fill:#333}
.key{display:inline-block;width:.9em;height:.9em;margin-right:.4em}
"""
_MOST: Final = 60  # rules and escalations of one table
_NO_VALUE: Final = "none"


def page(report: Report) -> str:
    """Return the page; texts are escaped, because they are written as text of elements."""
    html = Element("html", {"lang": "en"})
    head = SubElement(html, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
    SubElement(head, "title").text = "Backtest"
    SubElement(head, "style").text = _STYLE
    body = SubElement(html, "body")
    _summary(body, report)
    _figures(body, report)
    _plots(body, report)
    _matrix(body, report)
    _changes(body, report)
    _grounds(body, report)
    _words(body, "h2", "How to read it")
    for note in report["notes"]:
        _words(body, "p", note)
    return f"<!doctype html>\n{tostring(html, encoding='unicode', method='html')}\n"


def _summary(body: Element, report: Report) -> None:
    _words(body, "h1", "Backtest of a policy")
    source = report["file"]["name"] if report["file"] else "the database"
    _words(
        body,
        "p",
        f"{report['payments']:,} payments of {source} on {report['days']:,} days: "
        f"{report['labelled_fraud']:,} labelled as fraud (R{_rand(report['fraud_zar'])}), "
        f"{report['labelled_genuine']:,} labelled as genuine, and {report['unlabelled']:,} "
        "without a label, of which it is unknown.",
    )
    keys = SubElement(body, "p")
    for side in (CANDIDATE, COMPARED):
        SubElement(
            keys, "span", {"class": "key", "style": f"background:{COLOURS[side]}"}
        ).tail = f"{side}: {report['policies'][side]['name']}   "


def _figures(body: Element, report: Report) -> None:
    rows: list[tuple[str, Callable[[Report], str]]] = [
        ("alerts a day", lambda f: _number(f["alerts_a_day"])),
        ("alerts", lambda f: f"{f['alerts']:,}"),
        ("approved", lambda f: f"{f['decisions']['approve']:,}"),
        ("reviewed", lambda f: f"{f['decisions']['review']:,}"),
        ("declined", lambda f: f"{f['decisions']['decline']:,}"),
        ("precision on labels", lambda f: _share(f["precision"])),
        ("recall on labels", lambda f: _share(f["recall"])),
        ("rand saved", lambda f: f"R{_rand(f['zar_saved'])}"),
        ("rand of missed fraud", lambda f: f"R{_rand(f['zar_missed'])}"),
        ("good customers hit", lambda f: f"{f['good_customers_hit']:,}"),
        ("genuine payments hit", lambda f: f"{f['genuine_payments_hit']:,}"),
        ("stopped without a label", lambda f: f"{f['flagged_without_label']:,}"),
    ]
    ours, theirs = (report["figures"][side] for side in (CANDIDATE, COMPARED))
    cells = [(name, str(read(ours)), str(read(theirs))) for name, read in rows]
    _table(body, "Figures", ("", "candidate", "compared"), cells, 1)


def _plots(body: Element, report: Report) -> None:
    days = report["by_day"]
    body.append(
        lines_by_day(
            "Alerts of each day",
            [day["day"] for day in days],
            {side: [day[f"alerts_{side}"] for day in days] for side in (CANDIDATE, COMPARED)},
        )
    )
    _words(body, "p", "Alerts of each day. Precision and recall with intervals of 95 %:")
    body.append(
        shares(
            "Precision and recall",
            [
                (f"{name}, {side}", side, report["figures"][side][name])
                for name in ("precision", "recall")
                for side in (CANDIDATE, COMPARED)
            ],
        )
    )
    _words(body, "p", "Rand of labelled fraud that is stopped:")
    body.append(
        bars(
            "Rand saved",
            [
                (side, side, float(each["zar_saved"]), f"R{_rand(each['zar_saved'])}")
                for side, each in report["figures"].items()
            ],
        )
    )


def _matrix(body: Element, report: Report) -> None:
    rows = [
        (each["compared"], each["candidate"], f"{each['payments']:,}")
        for each in report["decisions"]
    ]
    _table(body, "Decisions of both", ("compared", "candidate", "payments"), rows, 2)


def _changes(body: Element, report: Report) -> None:
    rows = [
        (name.replace("_", " "), each["what"], f"{each['payments']:,}", _rand(each["amount_zar"]))
        for name, each in report["changes"].items()
    ]
    _table(body, "Changes", ("", "", "payments", "rand"), rows, 2)
    for name, each in report["changes"].items():
        examples = [
            (
                example["id"],
                example["received_at"],
                f"{example['sender_id']} to {example['receiver_id']}",
                example["amount_zar"],
                *(_said(example, side) for side in (CANDIDATE, COMPARED)),
            )
            for example in each["examples"]
        ]
        if examples:
            title = f"{name.replace('_', ' ')}: the largest"
            heads = ("payment", "received", "accounts", "rand", "candidate", "compared")
            _table(body, title, heads, examples, 9)


def _grounds(body: Element, report: Report) -> None:
    for kind in ("rule", "escalation"):
        for side in (CANDIDATE, COMPARED):
            mine = [
                each
                for each in report["grounds"]
                if each["kind"] == kind and each["policy"] == side
            ]
            mine.sort(key=lambda each: (-each["payments"], each["id"]))
            rows = [
                (
                    each["name"],
                    f"{each['payments']:,}",
                    f"{each['flagged']:,}",
                    f"{each['labelled_fraud']:,}",
                    f"{each['labelled_genuine']:,}",
                    _share(each["precision"]),
                    _rand(each["fraud_zar"]),
                )
                for each in mine[:_MOST]
            ]
            heads = ("", "payments", "stopped", "fraud", "genuine", "precision", "rand of fraud")
            more = f", the first {_MOST} of {len(mine)}" if len(mine) > _MOST else ""
            _table(body, f"Each {kind}, {side}{more}", heads, rows, 1)


def _said(example: Mapping[str, Any], side: str) -> str:
    reasons = "; ".join(example[f"{side}_reasons"])
    head = f"{example[f'{side}_decision']} {example[f'{side}_score']:.4f}"
    return f"{head}: {reasons}" if reasons else head


def _table(
    body: Element,
    title: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    numbers_from: int,
) -> None:
    _words(body, "h2", title)
    table = SubElement(body, "table")
    head = SubElement(table, "tr")
    for place, name in enumerate(heads):
        SubElement(head, "th", _class(place, numbers_from)).text = name
    for row in rows:
        line = SubElement(table, "tr")
        for place, cell in enumerate(row):
            SubElement(line, "td", _class(place, numbers_from)).text = cell


def _class(place: int, numbers_from: int) -> dict[str, str]:
    return {"class": "n"} if place >= numbers_from else {}


def _words(body: Element, tag: str, words: str) -> None:
    SubElement(body, tag).text = words


def _share(share: Mapping[str, Any]) -> str:
    if share["value"] is None:
        return _NO_VALUE
    spread = f"{share['low']:.1%} to {share['high']:.1%}"
    return f"{share['value']:.1%} ({spread}; {share['hits']:,} of {share['of']:,})"


def _number(value: float | None) -> str:
    return _NO_VALUE if value is None else f"{value:,.1f}"


def _rand(amount: str) -> str:
    whole, _, cents = amount.partition(".")
    return f"{int(whole):,}.{cents or '00'}"
