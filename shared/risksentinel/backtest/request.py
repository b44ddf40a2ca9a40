"""Request: one backtest, as the operator asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from risksentinel.backtest.labelled_file import digest_of
from risksentinel.backtest.prepare import Asked
from risksentinel.payment_files.options import ImportOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The options of the command; `options` are those of a file.

    With `cluster`, the address of a Ray cluster, past payments and decisions are in `storage`.
    """

    policy: str
    against: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    options: ImportOptions | None = None
    label: str | None = None
    label_delay: timedelta = timedelta(days=7)
    out: Path
    workers: int = 2
    full_accounts: bool = False
    cluster: str | None = None
    storage: str | None = None


def asked_of(request: Request) -> Asked:
    """What the inputs are prepared from."""
    return Asked(request.policy, request.against, request.since, request.until, _file_of(request))


def _file_of(request: Request) -> Mapping[str, Any] | None:
    options = request.options
    if options is None:
        return None
    return {
        "name": options.file.name,
        "sha256": digest_of(options.file),
        "columns": dict(options.columns),
        "constants": dict(options.constants),
        "timezone": None if options.timezone is None else options.timezone.key,
        "epoch": options.epoch,
        "limit": options.limit,
        "label": request.label,
        "label_seconds": request.label_delay.total_seconds(),
    }
