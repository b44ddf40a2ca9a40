"""File -> payments -> sink -> report: one import from start to end."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Self

from rich.console import Console

from risksentinel.errors import Misconfigured
from risksentinel.payment_files.batch_sender import BatchSender, SentBatch
from risksentinel.payment_files.formats import FileFormat, format_of
from risksentinel.payment_files.in_order import SortedPayments, ascending
from risksentinel.payment_files.options import ImportOptions
from risksentinel.payment_files.payment import FilePayment, PaymentReader, RefusedRow
from risksentinel.payment_files.progress import progress
from risksentinel.payment_files.rejects import Rejects, open_rejects
from risksentinel.payment_files.report import print_line, print_report
from risksentinel.payment_files.row import BrokenRow, Row
from risksentinel.payment_files.sinks import ImportOutcome, PaymentSink
from risksentinel.payment_files.sources import Sources, find_sources
from risksentinel.payment_files.tally import ImportTally

DONE: Final = 0
INCOMPLETE: Final = 1
INTERRUPTED: Final = 130
OpenSink = Callable[[], AbstractContextManager[PaymentSink]]


def run_import(
    options: ImportOptions,
    open_sink: OpenSink,
    console: Console,
    clock: Callable[[], float] = time.perf_counter,
) -> int:
    """Import the file, print the report, and return the exit code.

    Raises:
        Misconfigured: the file does not match the options; nothing was sent.
        Unavailable: the sink cannot be opened; nothing was sent.
    """
    form = format_of(options.file, options.format_name)
    sources = find_sources(form.columns(options.file), options)
    for note in sources.notes:
        print_line(console, note)
    with ExitStack() as open_things:
        sink = open_things.enter_context(open_sink())
        rejects = open_things.enter_context(open_rejects(options.rejects, form.place))
        run = _Run.of(options, form, sources, rejects)
        trouble = run.through(sink, console, clock)
    print_report(console, run.tally, options, form.place)
    return _conclude(console, run.tally, options, trouble)


@dataclass(slots=True)
class _Run:
    """One pass over the file, with its counts."""

    options: ImportOptions
    form: FileFormat
    wanted: frozenset[str]
    reader: PaymentReader
    rejects: Rejects
    tally: ImportTally = field(default_factory=ImportTally)
    move_bar: Callable[[int], None] = lambda _: None

    @classmethod
    def of(
        cls, options: ImportOptions, form: FileFormat, sources: Sources, rejects: Rejects
    ) -> Self:
        """Build a run that has not started."""
        wanted = frozenset(sources.columns.values())
        return cls(options, form, wanted, PaymentReader.of(sources, options), rejects)

    def through(
        self, sink: PaymentSink, console: Console, clock: Callable[[], float]
    ) -> BaseException | None:
        """Send all payments; return the exception that ended the run early, or None."""
        start = clock()
        delivery = BatchSender(sink, self.options.batch_size, self.options.connections, clock)
        try:
            with progress(console, self._total) as self.move_bar:
                for sent in delivery(self._in_order(console)):
                    self._note(sent)
        except (KeyboardInterrupt, Misconfigured) as why:
            return why
        finally:
            self.tally.seconds = clock() - start
        return None

    def _rows(self) -> Iterator[Row | BrokenRow]:
        skip, limit = self.options.skip, self.options.limit
        stop = None if limit is None else skip + limit
        return islice(self.form.rows(self.options.file, self.wanted), skip, stop)

    def _total(self) -> int:
        left = max(self.form.count(self.options.file) - self.options.skip, 0)
        return left if self.options.limit is None else min(left, self.options.limit)

    def _in_order(self, console: Console) -> Iterator[FilePayment]:
        if ascending(self._looked_at()):
            yield from self._payments()
            return
        with closing(SortedPayments.of(self._payments())) as found:
            print_line(
                console,
                f"{self.options.file.name} was not in order of time: "
                f"{len(found):,} payments were sorted",
            )
            yield from found

    def _looked_at(self) -> Iterator[FilePayment]:
        """The payments, uncounted; damage of the file is reported when the payments are sent."""
        with suppress(Misconfigured):
            for row in self._rows():
                outcome = self.reader.read(row)
                if isinstance(outcome, FilePayment):
                    yield outcome

    def _payments(self) -> Iterator[FilePayment]:
        for row in self._rows():
            self.tally.read += 1
            outcome = self.reader.read(row)
            if isinstance(outcome, FilePayment):
                yield outcome
            else:
                self._refuse(outcome)

    def _refuse(self, refusal: RefusedRow) -> None:
        self.tally.refuse(refusal)
        self.rejects.add(refusal.row, refusal.violations)
        self.move_bar(1)

    def _note(self, sent: SentBatch) -> None:
        self.tally.answer(sent)
        self.move_bar(len(sent.payments))
        for payment, result in zip(sent.payments, sent.results, strict=True):
            if result.outcome is ImportOutcome.REFUSED:
                self.rejects.add(payment.row, result.violations)


def _conclude(
    console: Console, tally: ImportTally, options: ImportOptions, trouble: BaseException | None
) -> int:
    interrupted = isinstance(trouble, KeyboardInterrupt)
    if trouble is not None and not interrupted:
        console.print(f"Stopped: {trouble}", markup=False, soft_wrap=True)
    if tally.all_refused:
        of = f"{tally.read:,} of {tally.read:,} rows"
        print_line(console, f"No payment was accepted: {of} were refused for the reasons above.")
    if interrupted or tally.not_delivered:
        advice = "Run the same command again to continue: a known payment counts once."
        console.print(advice, soft_wrap=True)
    if interrupted:
        return INTERRUPTED
    refused = tally.all_refused or (options.strict and tally.outcomes[ImportOutcome.REFUSED] > 0)
    return INCOMPLETE if trouble or tally.not_delivered or refused else DONE
