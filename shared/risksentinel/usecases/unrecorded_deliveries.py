"""UnrecordedDeliveries: deliveries that succeeded while the database could not store it."""

from collections import OrderedDict
from threading import Lock
from typing import Final

MAX_UNRECORDED: Final = 10_000  # entries after an outage; older deliveries are repeated once

DeliveryKey = tuple[str, str]  # event and endpoint


class UnrecordedDeliveries:
    """In the memory of the process that made the deliveries, so that it does not repeat them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[DeliveryKey, None] = OrderedDict()

    def __contains__(self, delivery: DeliveryKey) -> bool:
        return delivery in self._kept

    def add(self, delivery: DeliveryKey) -> None:
        """The delivery succeeded."""
        with self._lock:
            self._kept[delivery] = None
            if len(self._kept) > MAX_UNRECORDED:
                self._kept.popitem(last=False)

    def discard(self, delivery: DeliveryKey) -> None:
        """The delivery is stored in the database."""
        with self._lock:
            self._kept.pop(delivery, None)
