"""The timeout for a server, in polls and on a clock of the test."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from risksentinel.adapters.redis.waiting import ResponseTimeouts, ServerActivity, wait_until

TIMEOUT = 0.25
LOOK = TIMEOUT / 8
PLENTY = 10.0


@dataclass
class Server:
    """Shows activity after some polls, and answers at one of them."""

    answers_at: int = 10**9
    signs: Sequence[int] = ()
    late: float = 0.0  # seconds by which each poll ends late, without processor time
    now: float = 100.0
    looks: list[float] = field(default_factory=list)
    activity: ServerActivity = field(default_factory=ServerActivity)

    def came(self, seconds: float) -> bool:
        """Poll for that time, or longer without processor time."""
        self.looks.append(seconds)
        self.now += seconds + self.late
        if len(self.looks) in self.signs:
            self.activity.answered_at = self.now
        return len(self.looks) >= self.answers_at

    def waited_for(self, left: float = PLENTY) -> float:
        """Wait, and answer the remaining seconds."""
        return wait_until(self.came, self.activity, TIMEOUT, left)


def test_a_server_without_response_activity_is_given_up_at_the_timeout() -> None:
    """A payment does not wait for a server that is gone."""
    server = Server()

    with pytest.raises(TimeoutError):
        server.waited_for()

    assert server.now == pytest.approx(100 + TIMEOUT)


def test_time_in_which_the_process_had_no_turn_is_not_the_servers() -> None:
    """Eight polls that each end 0.4 s late waited 0.25 s for the server, not 3.45 s."""
    server = Server(answers_at=8, late=0.4)

    left = server.waited_for(left=0.3)

    assert left == pytest.approx(0.3 - 7 * LOOK)
    assert server.now > 103


def test_what_came_while_the_last_look_ended_is_found() -> None:
    """A reply in the socket counts, however late this process reads it."""
    server = Server(answers_at=9, late=1.0)

    server.waited_for()

    assert server.looks == [LOOK] * 8 + [0]


def test_a_busy_server_is_waited_for() -> None:
    """Replies to other callers arrive in between, so at most seven consecutive polls are empty."""
    server = Server(answers_at=30, signs=(7, 14, 21, 28))

    server.waited_for()

    assert server.now == pytest.approx(100 + 30 * LOOK)


def test_a_busy_server_is_not_waited_for_without_end() -> None:
    """A server that answers only other callers is of no use to this payment."""
    server = Server(signs=range(1, 1000))

    with pytest.raises(TimeoutError):
        server.waited_for(left=0.52)

    assert 100.52 <= server.now <= 100.52 + LOOK


def test_what_is_there_at_once_takes_no_time() -> None:
    """A server that answers at once is the usual case, and must not cost time."""
    server = Server(answers_at=1)

    assert server.waited_for(left=0.5) == 0.5


def test_a_server_that_was_given_up_gets_less_until_it_answers_again() -> None:
    """The timeout is chosen for each server: others of a cluster may answer meanwhile."""
    timeout, activity = ResponseTimeouts(sound=0.25, failed=0.045), ServerActivity()

    given = [timeout.with_server(activity)]
    activity.answered_at, activity.timed_out_at = 1.0, 2.0
    given.append(timeout.with_server(activity))
    activity.answered_at = 3.0
    given.append(timeout.with_server(activity))

    assert given == [0.25, 0.045, 0.25]
