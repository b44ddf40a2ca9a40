"""Sources: the column or the constant of each field of a payment."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from risksentinel.errors import Malformed, Misconfigured
from risksentinel.payment_files.cells import Times, reader_of
from risksentinel.payment_files.column_names import LABELS, REQUIRED, TARGETS, bare, columns_named
from risksentinel.payment_files.options import ImportOptions

_MAX_SHOWN: Final = 40


@dataclass(frozen=True, slots=True)
class Sources:
    """The column or constant of each field; `notes` describe automatic choices."""

    columns: Mapping[str, str]
    constants: Mapping[str, str]
    notes: tuple[str, ...]


def find_sources(names: Sequence[str], options: ImportOptions) -> Sources:
    """Find the source of every required field.

    Raises:
        Misconfigured: names every missing, ambiguous or wrong field, and the options to give.
    """
    faults = _wrong_options(names, options)
    constants = _constants(options, faults)
    columns = dict(options.columns)
    for target in TARGETS:
        if target not in columns and target not in constants:
            columns |= _recognise(target, names, faults)
    missing = [name for name in REQUIRED if name not in columns and name not in constants]
    if missing and not faults:
        faults.append(_what_to_give(missing, names))
    if faults:
        raise Misconfigured("\n".join(faults))
    return _completed(columns, constants, names)


def _wrong_options(names: Sequence[str], options: ImportOptions) -> list[str]:
    faults = []
    for target, column in options.columns.items():
        if column not in names:
            faults.append(f"--map {target}={column}: no such column. {_what_it_has(names)}")
        elif bare(column) in LABELS:
            faults.append(
                f"--map {target}={column}: the column is a label, and labels are never sent."
            )
    return faults


def _constants(options: ImportOptions, faults: list[str]) -> dict[str, str]:
    times = Times(options.timezone, options.epoch)
    found = {}
    for target, value in options.constants.items():
        try:
            found[target] = reader_of(target, times)(value)
        except Malformed as fault:
            faults.append(f"--set {target}={value}: {target} {fault}")
            found[target] = value
    return found


def _recognise(target: str, names: Sequence[str], faults: list[str]) -> dict[str, str]:
    found = columns_named(target, names)
    if len(found) > 1:
        choices = " or ".join(_option("--map", target, name) for name in found)
        faults.append(f"{target} could be any of {', '.join(found)}: give {choices}.")
    return {target: found[0]} if found else {}


def _what_to_give(missing: Sequence[str], names: Sequence[str]) -> str:
    give = " ".join(_option("--map", target, "COLUMN") for target in missing)
    return (
        f"No column is recognised as {', '.join(missing)}. {_what_it_has(names)} "
        f"Give {give} (or --set {missing[0]}=VALUE for one value in every payment)."
    )


def _what_it_has(names: Sequence[str]) -> str:
    more = ", …" if len(names) > _MAX_SHOWN else ""
    return f"The file has {', '.join(names[:_MAX_SHOWN]) or 'no readable columns'}{more}."


def _option(name: str, target: str, value: str) -> str:
    return f"{name} {shlex.quote(f'{target}={value}')}"


def _completed(columns: dict[str, str], constants: dict[str, str], names: Sequence[str]) -> Sources:
    notes = [f"{target} from {column}" for target, column in columns.items() if target != column]
    notes = [f"Columns: {', '.join(notes)}."] if notes else []
    unused = [name for name in names if name not in columns.values() and name]
    if unused:
        notes.append(f"Not sent: {', '.join(unused[:_MAX_SHOWN])}.")
    if "id" not in columns:
        notes.append(
            "The file has no ids: each id is derived from the payment and the number of its row."
        )
    if "channel" not in columns and "channel" not in constants:
        terminal = "terminal" in bare(columns.get("receiver_id", ""))
        constants = constants | {"channel": "pos" if terminal else "ecommerce"}
        why = "because the receiver is a terminal" if terminal else "the default"
        notes.append(
            f"The file has no channel: taking {constants['channel']}, {why}; "
            "--set channel=… gives another one."
        )
    return Sources(columns, constants, tuple(notes))
