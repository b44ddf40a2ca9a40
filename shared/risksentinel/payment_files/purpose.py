"""Decides whether the payments of a file are scored as new payments or recorded as history."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from risksentinel.errors import Misconfigured
from risksentinel.payment_files.formats import format_of
from risksentinel.payment_files.options import ImportOptions
from risksentinel.payment_files.payment import FilePayment, PaymentReader
from risksentinel.payment_files.sources import find_sources

MAX_AGE: Final = timedelta(hours=24)  # of a new payment; the period of the dashboard
Ask = Callable[[str], bool]


def with_purpose(options: ImportOptions, now: datetime, ask: Ask | None) -> ImportOptions:
    """Return the options with `learn_only` set; `ask` returns whether to learn only.

    A file without a payment older than MAX_AGE is scored.

    Raises:
        Misconfigured: the file has old payments, and `ask` is None.
    """
    if options.learn_only is not None:
        return options
    old = _first_before(options, now - MAX_AGE)
    if old is None:
        return replace(options, learn_only=False)
    found = (
        f"{options.file.name} has payments older than {MAX_AGE // timedelta(hours=1)} hours, "
        f"for example of {old}"
    )
    if ask is None:
        raise Misconfigured(
            f"{found}. Give --learn-only to record them as history, without alerts, or --score to "
            "score them as new payments: each risky one raises an alert"
        )
    question = f"{found}. Learn only, without alerts, or score them as new payments?"
    return replace(options, learn_only=ask(question))


def _first_before(options: ImportOptions, limit: datetime) -> str | None:
    """The time of the first payment in the file before `limit`, as RFC 3339; None without one."""
    form = format_of(options.file, options.format_name)
    sources = find_sources(form.columns(options.file), options)
    reader = PaymentReader.of(sources, options)
    rows = form.rows(options.file, frozenset(sources.columns.values()))
    stop = None if options.limit is None else options.skip + options.limit
    with suppress(Misconfigured):  # the file is damaged: the import reports where
        for row in islice(rows, options.skip, stop):
            payment = reader.read(row)
            if isinstance(payment, FilePayment):
                occurred_at = payment.document["occurred_at"]
                if datetime.fromisoformat(occurred_at) < limit:
                    return occurred_at
    return None
