"""print_summary: the figures of a report on a terminal."""

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from risksentinel.backtest.inputs import CANDIDATE, COMPARED
from risksentinel.backtest.report import HTML_FILE, Written


def print_summary(console: Console, written: Written, seconds: float) -> None:
    """Print the figures of both policies, the changes, and the place of the files."""
    report = written.report
    rate = report["payments"] / seconds if seconds else 0.0
    title = f"{report['payments']:,} payments in {seconds:,.1f} s, {rate:,.0f} a second"
    names = [f"{side}: {report['policies'][side]['name']}" for side in (CANDIDATE, COMPARED)]
    table = Table("", *(Column(Text(name)) for name in names), title=Text(title))
    for words, member in (
        ("alerts a day", "alerts_a_day"),
        ("frauds caught", "frauds_caught"),
        ("frauds missed", "frauds_missed"),
        ("rand saved", "zar_saved"),
        ("good customers hit", "good_customers_hit"),
        ("stopped without a label", "flagged_without_label"),
    ):
        table.add_row(
            words, *(str(report["figures"][side][member]) for side in (CANDIDATE, COMPARED))
        )
    console.print(table)
    for name, each in report["changes"].items():
        if each["payments"]:
            console.print(f"{name.replace('_', ' ')}: {each['payments']:,}", highlight=False)
    console.print(f"{written.folder / HTML_FILE}", highlight=False, markup=False, soft_wrap=True)
