"""The verification of the ledger; functions do not import this file."""

from functools import partial

from risksentinel.adapters.sql.ledger_scan import scan_ledger
from risksentinel.assembly.container import Container
from risksentinel.assembly.ledger_log import anchors, head_keys, ledger_log
from risksentinel.assembly.ledger_processes import ComparingProcesses, processes_for
from risksentinel.usecases.verify_ledger import VerifyLedger


def verify_ledger(container: Container) -> VerifyLedger:
    """The use case that verifies the ledger: a long one in several processes."""
    heads, keys = anchors(container), head_keys(container)
    count = processes_for(ledger_log(container).head().size)
    if not count:
        return VerifyLedger(partial(scan_ledger, container.engine), heads, keys)
    processes = ComparingProcesses(container, count)
    return VerifyLedger(processes.open, heads, keys, processes.compare)
