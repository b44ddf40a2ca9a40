"""BodyMemory: the bytes of all request bodies that one server has in memory."""

from threading import Lock


class BodyMemory:
    """Counts the bytes of bodies; `take` fails beyond the limit."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self._lock = Lock()

    def take(self, size: int) -> bool:
        """Count `size` more bytes; return False, and count none, if that is too much."""
        with self._lock:
            if size > self._left:
                return False
            self._left -= size
            return True

    def give_back(self, size: int) -> None:
        """Count `size` bytes less."""
        with self._lock:
            self._left += size
