"""UnrecordedDeliveries: deliveries that arrived while nobody could write it down."""

from collections import OrderedDict
from threading import Lock
from typing import Final

MOST: Final = 10_000  # what an outage of the database can leave; the oldest are made once more

DeliveryKey = tuple[str, str]  # event and endpoint


class UnrecordedDeliveries:
    """Kept by the process that made them, so that it does not make them again."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[DeliveryKey, None] = OrderedDict()

    def __contains__(self, delivery: DeliveryKey) -> bool:
        return delivery in self._kept

    def add(self, delivery: DeliveryKey) -> None:
        """It arrived."""
        with self._lock:
            self._kept[delivery] = None
            if len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def discard(self, delivery: DeliveryKey) -> None:
        """It is written down."""
        with self._lock:
            self._kept.pop(delivery, None)
