"""kafka-python leaves the socket of each refused connection to the garbage collector."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from kafka.net.inet import KafkaNetSocket  # type: ignore[import-untyped]  # it has no types

_connect = KafkaNetSocket.sock_connect


async def _closing(self: Any, net: Any, sock: Any, *where: Any, **when: Any) -> Any:  # noqa: ANN401
    try:
        return await _connect(self, net, sock, *where, **when)
    except BaseException:
        sock.close()
        raise


@pytest.fixture(scope="session", autouse=True)
def no_sockets_left() -> Iterator[None]:
    """Close them, so that no later test is blamed for them."""
    with patch.object(KafkaNetSocket, "sock_connect", _closing):
        yield
