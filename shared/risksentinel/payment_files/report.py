"""The final report: counts of all rows by outcome, and the reasons of refusals."""

from http import HTTPStatus
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from risksentinel.payment_files.options import ImportOptions
from risksentinel.payment_files.sinks import ImportOutcome
from risksentinel.payment_files.tally import MAX_PLACES, ImportTally, ReasonCount

_LEVELS: Final = ("high", "critical")
_IN_WORDS: Final = {"approve": "approved", "review": "to be reviewed", "decline": "declined"}


def print_report(console: Console, tally: ImportTally, options: ImportOptions, place: str) -> None:
    """Print the counts, then the reasons of refusals and failures with the first places of each."""
    table = Table("", title=f"Import of {options.file.name}", show_header=False)
    table.add_column(justify="right")
    for name, value in _counts(tally) + _pace(tally, options):
        table.add_row(Text(name), value)
    console.print(table)
    if tally.decisions:
        print_line(console, f"Decisions: {_decisions(tally)}.")
    _print_reasons(console, "Refused", tally.refused, place)
    _print_reasons(console, "Not delivered", tally.undelivered, place)
    if tally.statuses[HTTPStatus.CONFLICT]:
        print_line(
            console,
            "Other payments already have some of these ids: --id-prefix distinguishes the files.",
        )


def _counts(tally: ImportTally) -> list[tuple[str, str]]:
    counts = tally.outcomes
    rows = [
        ("read", tally.read),
        ("accepted (new)", counts[ImportOutcome.NEW] + counts[ImportOutcome.QUEUED]),
        ("already known", counts[ImportOutcome.KNOWN]),
        ("refused", counts[ImportOutcome.REFUSED]),
        ("not delivered", tally.not_delivered),
    ]
    if counts[ImportOutcome.QUEUED]:
        rows.insert(2, ("  of them waiting for their score", counts[ImportOutcome.QUEUED]))
    levels = [*_LEVELS, *sorted(set(tally.alerts) - {*_LEVELS})]
    rows += [(f"alerts: {level}", tally.alerts[level]) for level in levels]
    return [(name, f"{count:,}") for name, count in rows]


def _decisions(tally: ImportTally) -> str:
    words = dict(_IN_WORDS) | {name: name for name in sorted(set(tally.decisions) - set(_IN_WORDS))}
    return ", ".join(f"{tally.decisions[name]:,} {word}" for name, word in words.items())


def _pace(tally: ImportTally, options: ImportOptions) -> list[tuple[str, str]]:
    answered = tally.statuses.total()
    rate = answered / tally.seconds if tally.seconds > 0 else 0.0
    single = options.batch_size == 1
    what = "a payment" if single else f"a batch of {options.batch_size}"
    rows = [("payments per second", f"{rate:,.0f}")]
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        seconds = tally.requests.percentile(share)
        rows.append((f"{name} of {what}", "-" if seconds is None else f"{1000 * seconds:,.1f} ms"))
    return rows


def _print_reasons(
    console: Console, title: str, groups: dict[str, ReasonCount], place: str
) -> None:
    if not groups:
        return
    table = Table(title, "count", f"first {place}s")
    for reason, group in sorted(groups.items(), key=lambda item: -item[1].count):
        more = ", …" if group.count > MAX_PLACES else ""
        places = ", ".join(map(str, sorted(group.places)))
        table.add_row(Text(reason), f"{group.count:,}", places + more)
    console.print(table)


def print_line(console: Console, text: str) -> None:
    """Print one line without markup."""
    console.print(text, markup=False, highlight=False, soft_wrap=True)
