"""The wake-up of the thread that chains the ledger: each commit of entries sets it."""

from threading import Event as WakeUp
from typing import Final

from sqlalchemy import Engine

_OPTION: Final = "risksentinel_entry_wake_up"  # of an engine whose process chains


def wake_up_of(engine: Engine) -> WakeUp:
    """The event that each later commit of entries through this engine sets."""
    known: WakeUp | None = engine.get_execution_options().get(_OPTION)
    if known is None:
        known = WakeUp()
        engine.update_execution_options(**{_OPTION: known})
    return known


def entries_committed(engine: Engine) -> None:
    """Wake the thread of this process, if it has one."""
    wake_up: WakeUp | None = engine.get_execution_options().get(_OPTION)
    if wake_up is not None:
        wake_up.set()
