"""A receiver for each test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.adapters.channels.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Answers 200 by default."""
    with receiving() as receiver:
        yield receiver
