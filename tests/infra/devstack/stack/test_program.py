import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from infra.devstack.servers.ports import free_port
from infra.devstack.servers.restartable_server import ServerFailed
from infra.devstack.stack.logs import Logs
from infra.devstack.stack.program import Program, listener
from infra.devstack.stack.servers import connections, own_servers
from infra.devstack.stack.state_files import StateFiles
from infra.devstack.stack.supervisor import Supervisor, raise_if_crash_looping
from risksentinel.errors import Misconfigured
from tests.infra.devstack.stack.stack_process import lives, wait_until

_ROOT = Path(__file__).parents[4]
_KEEPS_ONE = """
import sys, time
from infra.devstack.stack.supervisor import Supervisor
from infra.devstack.stack.logs import Logs
from infra.devstack.stack.program import Program
program = Program("sleep", ["/bin/sleep", "60"], {}, Logs(sys.stderr.buffer, coloured=False))
supervisor = Supervisor(program, print, lambda: None)
supervisor.begin()
supervisor.await_start()
print(program.pid, flush=True)
time.sleep(60)
"""

_IGNORES_SIGTERM = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ignoring SIGTERM", flush=True)
time.sleep(600)
"""


def test_a_program_ends_with_a_supervisor_that_is_killed() -> None:
    """Orphans would keep the ports of the next stack."""
    paths = {"PYTHONPATH": f"{_ROOT}:{_ROOT / 'shared'}", "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", _KEEPS_ONE]
    with subprocess.Popen(command, env=paths, stdout=subprocess.PIPE, text=True) as parent:  # noqa: S603
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        comm = Path(f"/proc/{pid}/comm")
        wait_until(lambda: comm.read_text().strip() == "sleep", "setpriv to have done its work")

        parent.kill()

        wait_until(lambda: not lives(pid), "its end")


def test_a_program_gets_its_own_stop_timeout() -> None:
    """A program is killed after its own stop timeout, not earlier or later."""
    stubborn = [sys.executable, "-c", _IGNORES_SIGTERM]
    out = io.BytesIO()
    logs = Logs(out, coloured=False)
    program = Program("stubborn", stubborn, {}, logs, within=0.2)
    program.start()
    pid = program.pid
    assert pid is not None
    wait_until(lambda: b"ignoring SIGTERM" in out.getvalue(), "it to ignore SIGTERM")

    program.stop()

    assert not lives(pid)
    assert program.pid is None


def test_a_program_is_restarted_until_the_supervisor_stops() -> None:
    """The pause before a restart grows, so that a faulty program does not load the machine."""
    said: list[str] = []
    supervisor = Supervisor(_sleeping(), said.append, lambda: None)
    supervisor.begin()
    supervisor.await_start()
    first = supervisor.supervised.pid
    assert first is not None

    os.kill(first, signal.SIGKILL)
    wait_until(lambda: supervisor.supervised.pid not in {None, first}, "the second")
    supervisor.ask_to_stop()
    supervisor.join()

    assert supervisor.supervised.pid is None
    assert said == ["sleep exited; restarting in 0.2 s"]


def test_a_program_that_exits_repeatedly_fails_the_start() -> None:
    """A program that exits repeatedly ends the start with an error."""
    supervisor = Supervisor(
        Program("false", ["/bin/false"], {}, _logs()), lambda _: None, lambda: None
    )
    supervisor.begin()

    wait_until(lambda: supervisor.exits == 3, "three ends")
    supervisor.ask_to_stop()
    supervisor.join()

    with pytest.raises(ServerFailed, match=r"false exited 3 times"):
        raise_if_crash_looping(supervisor)


def test_a_first_start_that_fails_is_raised() -> None:
    """A failure of the first start is an error, because a program may be missing."""
    program = Program("nothing", ["/nowhere/nothing"], {}, _logs())
    supervisor = Supervisor(program, lambda _: None, lambda: None)
    program.start = _missing  # type: ignore[method-assign]  # the start fails as a server's does

    supervisor.begin()

    with pytest.raises(Misconfigured, match="install it"):
        supervisor.await_start()


def test_an_external_server_is_used_and_not_started(tmp_path: Path) -> None:
    """Each server can be external while the others are local."""
    given = {
        "DATABASE_URL": "postgresql+psycopg://db/x",
        "REDIS_URL": "redis://r",
        "MODEL_URI": "m",
    }

    servers = own_servers(tmp_path, given)
    found = connections(servers, given)

    assert list(servers) == ["KAFKA_BOOTSTRAP_SERVERS"]
    assert given.items() <= found.items()
    assert set(found) == {*given, "KAFKA_BOOTSTRAP_SERVERS"}


def test_a_port_in_use_is_reported_in_one_line() -> None:
    """A port in use is an error before anything is started."""
    port = free_port()

    with listener("127.0.0.1", port), pytest.raises(Misconfigured, match=f"port {port}"):
        listener("127.0.0.1", port)


def test_each_line_has_the_name_of_its_process() -> None:
    """Each log line starts with the name of its process."""
    out = io.BytesIO()
    logs = Logs(out, coloured=False)

    Program("hello", ["/bin/sh", "-c", "echo one; echo two >&2"], {}, logs).run()
    logs.close()

    assert [line.split() for line in out.getvalue().splitlines()] == [
        [b"hello", b"|", b"one"],
        [b"hello", b"|", b"two"],
    ]


def test_a_closed_output_stops_no_program() -> None:
    """With `risksentinel stack | head` no process blocks in a write."""
    out = io.BytesIO()
    out.close()
    noisy = Program("noisy", ["/bin/sh", "-c", "seq 100000"], {}, Logs(out, coloured=False))

    began = time.monotonic()
    status = noisy.run()

    assert status == 0
    assert time.monotonic() - began < 20


def test_sh_reads_back_the_written_values(tmp_path: Path) -> None:
    """Values are quoted, because a password may contain shell syntax."""
    notes = StateFiles(tmp_path)
    value = "a b'c\"$(id)`id`&;"

    notes.write_environment({"SECRET": value})

    command = ["/bin/sh", "-c", f'. {notes.environment}; printf %s "$SECRET"']
    shown = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert shown.stdout == value


def _missing() -> None:
    raise Misconfigured("install it")


def _sleeping() -> Program:
    return Program("sleep", ["/bin/sleep", "60"], {}, _logs())


def _logs() -> Logs:
    return Logs(io.BytesIO(), coloured=False)
