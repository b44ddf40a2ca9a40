"""wait_until: waits for a server with response activity; pauses of this process do not count."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from risksentinel import deadline

BUSY_WITHIN: Final = 0.5  # seconds that a server with response activity may take
_POLLS: Final = 8  # polls without activity before the timeout ends


@dataclass(slots=True)
class ServerActivity:
    """The times of a server's last reply on any connection, and of its last timeout."""

    answered_at: float = 0.0
    timed_out_at: float = -1.0  # monotonic seconds, as `answered_at`


@dataclass(frozen=True, slots=True)
class ResponseTimeouts:
    """Seconds without response activity after which a server counts as unavailable."""

    sound: float  # for a server that answered the last time
    failed: float  # for a server that timed out the last time

    def with_server(self, activity: ServerActivity) -> float:
        """The timeout for this server."""
        return self.sound if activity.answered_at > activity.timed_out_at else self.failed

    def after_failure(self) -> "ResponseTimeouts":
        """The timeouts in which every server counts as failed."""
        return ResponseTimeouts(self.failed, self.failed)

    def before_deadline(self) -> "ResponseTimeouts":
        """The timeouts, or less if the deadline of this thread is nearer."""
        return ResponseTimeouts(deadline.left(self.sound), deadline.left(self.failed))


def wait_until(
    came: Callable[[float], bool], activity: ServerActivity, timeout: float, left: float
) -> float:
    """Wait until `came`, up to 8 consecutive polls without result and response activity.

    `came(seconds)` polls for at most that time. A poll without result counts with its planned
    duration, not with the time on the clock: time in which this thread had no processor or no
    interpreter lock is not the server's, and the next poll finds what arrived meanwhile.
    Answers what remains of `left` seconds.

    Raises:
        TimeoutError: no response activity for `timeout` seconds, or `left` is used up, or the
            deadline of this thread has passed, on the clock.
    """
    answered_at, polls, seconds = activity.answered_at, 0, timeout / _POLLS
    while not came(seconds):
        left -= seconds
        polls += 1
        if activity.answered_at != answered_at:
            answered_at, polls = activity.answered_at, 0
        if polls >= _POLLS or left <= 0 or deadline.has_passed():
            if came(0):
                break
            raise TimeoutError
    return left
