"""The processor time of programs, with their children."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from infra.bench.processor_time import measured, per_payment

BUSY = "import time; began = time.process_time()\nwhile time.process_time() < began + 0.3: pass"
CHILD = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY!r}])"


@contextmanager
def program(work: str) -> Iterator[tuple[int, "subprocess.Popen[str]"]]:
    """Run a program that works once for each line that it reads, and answers with a line."""
    loop = f"for line in iter(input, ''):\n exec({work!r})\n print('done', flush=True)"
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", loop]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603
        yield process.pid, process
        process.communicate("\n")


def works(process: "subprocess.Popen[str]") -> None:
    """Let the program work once."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("work\n")
    process.stdin.flush()
    assert process.stdout.readline() == "done\n"


def test_each_program_has_its_own_time() -> None:
    """The time before the section and the time of other programs do not count."""
    with program(BUSY) as (busy, working), program(BUSY) as (idle, other):
        works(working)
        works(other)
        with measured({"busy": [busy], "idle": [idle]}) as used:
            works(working)

    assert 0.25 < used["busy"] < 0.6
    assert used["idle"] < 0.1


def test_the_children_count_even_if_they_ended() -> None:
    """PostgreSQL has a process for each connection, which ends with the connection."""
    with program(CHILD) as (pid, working), measured({"both": [pid]}) as used:
        works(working)

    assert used["both"] > 0.25


def test_a_cell_is_in_milliseconds_a_payment() -> None:
    """Seconds of the whole section are of no use to the reader."""
    cells = per_payment({"function": 2.0, "Redis": 0.5}, 1_000)

    assert cells == {"CPU function": "2.000", "CPU Redis": "0.500"}
