"""Processor time of programs with all their threads and child processes, from /proc (Linux).

A program is one process or several, such as a gunicorn master with its workers, the processes of
PostgreSQL, or four copies of a function. Processes that ended during a measured section count too:
the kernel adds their time to their parents.
"""

import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Final

_TICKS: Final = os.sysconf("SC_CLK_TCK")  # a second; usually 100, so a section must be seconds long
_PARENT: Final = 1  # fields of /proc/PID/stat after the name of the program, from 0
_TIMES: Final = slice(11, 15)  # user and system time of the process, then of its ended children
_REST: Final = 3.0  # seconds

Programs = Mapping[str, Sequence[int]]  # the process ids of each program, by its name
Seconds = dict[str, float]  # of processor time, by the name of the program


@dataclass(frozen=True, slots=True)
class _Process:
    parent: int
    seconds: float


@contextmanager
def measured(programs: Programs) -> Iterator[Seconds]:
    """Yield a mapping that has the processor seconds of each program once the block ends."""
    used: Seconds = {}
    before = _read(programs)
    yield used
    used |= {name: seconds - before[name] for name, seconds in _read(programs).items()}


def at_rest(programs: Programs) -> Seconds:
    """Return the processor seconds that each program takes in a second without work."""
    with measured(programs) as used:
        sleep(_REST)
    return {name: seconds / _REST for name, seconds in used.items()}


def per_payment(used: Mapping[str, float], payments: int) -> dict[str, str]:
    """Return table cells: the processor milliseconds a payment of each program."""
    return {f"CPU {name}": f"{1e3 * seconds / payments:.3f}" for name, seconds in used.items()}


def of_rest(resting: Mapping[str, float]) -> str:
    """Return the part of a title that says what the programs take without work."""
    each = ", ".join(f"{name} {1e3 * seconds:.0f}" for name, seconds in resting.items())
    return f"CPU in ms a payment; at rest, in ms a second: {each}"


def _read(programs: Programs) -> Seconds:
    processes = dict(_processes())
    children: dict[int, list[int]] = defaultdict(list)
    for pid, process in processes.items():
        children[process.parent].append(pid)

    def whole(pid: int) -> float:
        return processes[pid].seconds + sum(map(whole, children[pid]))

    return {name: sum(map(whole, pids)) for name, pids in programs.items()}


def _processes() -> Iterator[tuple[int, _Process]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # the process ended after the listing
        ticks = sum(map(int, fields[_TIMES]))
        yield int(stat.parent.name), _Process(int(fields[_PARENT]), ticks / _TICKS)
