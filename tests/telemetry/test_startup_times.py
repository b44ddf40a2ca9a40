import subprocess
import sys
from time import monotonic

from risksentinel.telemetry.startup_times import StartupTimes, began


def test_each_step_is_told_from_the_end_of_the_one_before() -> None:
    """Their sum is what a caller waited."""
    readings = iter((1.25, 1.5, 3.0))
    times = StartupTimes(1.0, lambda: next(readings))

    times.passed("interpreter")
    times.passed("server")
    times.passed("connections")

    assert times.milliseconds == {"interpreter": 250, "server": 250, "connections": 1500}


def test_a_step_counts_once() -> None:
    """A function that could not be wired tries again, and is not asked for the first time then."""
    readings = iter((1.0, 2.0))
    times = StartupTimes(0.0, lambda: next(readings))

    times.passed("first request")
    times.passed("first request")
    times.passed("connections")

    assert times.milliseconds == {"first request": 1000, "connections": 1000}


def test_it_begins_with_the_process_and_not_with_the_import() -> None:
    """What the interpreter took before is part of a wake-up."""
    program = "import sys, time; time.sleep(0.3); "
    program += "from risksentinel.telemetry.startup_times import began; "
    program += "sys.exit(0 if time.monotonic() - began() >= 0.29 else 1)"

    ran = subprocess.run([sys.executable, "-c", program], check=False)  # noqa: S603

    assert ran.returncode == 0
    assert began() <= monotonic()
