"""Bounds: what one server accepts from its clients."""

import resource
from dataclasses import dataclass
from typing import Final, Self

from risksentinel.settings import Settings

KIB: Final = 1024
MIB: Final = 1024 * KIB
MAX_HEADERS: Final = 100
MAX_HEADER_BYTES: Final = 64 * KIB
MAX_BODY_BYTES: Final = 4 * MIB  # the largest body that a route takes; most take 1 MiB
MAX_READ_BYTES: Final = 16 * MIB  # of a body that is too large; the rest is not read
MAX_BODIES_BYTES: Final = 32 * MIB  # of all bodies in memory
LARGE_BODY_BYTES: Final = 16 * KIB  # a batch, a list: seldom a single payment
_WAITING_PER_THREAD: Final = 8
_DESCRIPTORS_FOR_OTHERS: Final = 128  # databases, brokers, logs, libraries


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of one server; times are in seconds."""

    threads: int
    waiting: int  # small requests without a thread; more get 503
    connections: int = 1_000
    per_address: int | None = None
    idle: float = 30.0  # an idle connection is closed after this time
    header: float = 10.0  # from a request's first byte to the end of its headers
    body: float = 30.0  # from there to the end of its body
    behind_proxy: bool = False  # whether X-Forwarded headers come from a proxy of ours

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        threads: int | None = None,
        idle: float = 30.0,
        per_address: int | None = None,
        behind_proxy: bool = False,
    ) -> Self:
        """The bounds that the settings give."""
        number = threads or settings.threads
        return cls(
            threads=number,
            waiting=settings.max_waiting or number * _WAITING_PER_THREAD,
            connections=settings.max_connections,
            per_address=per_address,
            idle=idle,
            header=settings.header_timeout_seconds,
            body=settings.body_timeout_seconds,
            behind_proxy=behind_proxy,
        )

    @property
    def large_at_once(self) -> int:
        """The threads that requests with a large body may use: the others stay for payments.

        Half of them where the platform limits the requests of a process, else a quarter.
        """
        return max(1, self.threads // (2 if self.behind_proxy else 4))

    @property
    def large_waiting(self) -> int:
        """The requests with a large body that may wait."""
        return self.threads if self.behind_proxy else self.large_at_once

    @property
    def open_connections(self) -> int:
        """The most connections, within the descriptors that the process may open."""
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft == resource.RLIM_INFINITY:
            return self.connections
        return max(16, min(self.connections, soft - _DESCRIPTORS_FOR_OTHERS))
