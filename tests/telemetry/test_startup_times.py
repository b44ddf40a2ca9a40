import subprocess
import sys
from time import monotonic

from risksentinel.telemetry.startup_times import StartupTimes, began


def test_each_step_is_measured_from_the_end_of_the_previous_step() -> None:
    """The sum of the steps is the time to the first answer."""
    readings = iter((1.25, 1.5, 3.0))
    times = StartupTimes(1.0, lambda: next(readings))

    times.passed("interpreter")
    times.passed("server")
    times.passed("connections")

    assert times.milliseconds == {"interpreter": 250, "server": 250, "connections": 1500}


def test_a_step_counts_once() -> None:
    """After a failed start the function starts again; the first request is recorded once."""
    readings = iter((1.0, 2.0))
    times = StartupTimes(0.0, lambda: next(readings))

    times.passed("first request")
    times.passed("first request")
    times.passed("connections")

    assert times.milliseconds == {"first request": 1000, "connections": 1000}


def test_the_first_step_begins_with_the_process() -> None:
    """The time of the interpreter is part of a start."""
    program = "import sys, time; time.sleep(0.3); "
    program += "from risksentinel.telemetry.startup_times import began; "
    program += "sys.exit(0 if time.monotonic() - began() >= 0.29 else 1)"

    ran = subprocess.run([sys.executable, "-c", program], check=False)  # noqa: S603

    assert ran.returncode == 0
    assert began() <= monotonic()
