"""Event: a CloudEvent 1.0 that a function publishes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from risksentinel.text import rfc3339

SPEC_VERSION: Final = "1.0"
JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Event:
    """One CloudEvent with JSON data.

    `id` is stable across retries; `key` is the sender (the `partitionkey` extension and the Kafka
    record's key): events of one key keep their order. `topic` is the Kafka topic.
    """

    topic: str
    id: str
    type: str
    source: str
    subject: str
    key: str
    time: datetime
    data: Mapping[str, Any]
    dataschema: str | None = None
    traceparent: str | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)

    def attributes(self) -> dict[str, str]:
        """The context attributes of the CloudEvent by name, as strings."""
        optional = {"dataschema": self.dataschema, "traceparent": self.traceparent}
        return {
            "specversion": SPEC_VERSION,
            "id": self.id,
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "partitionkey": self.key,
            "time": rfc3339.to_text(self.time),
            "datacontenttype": JSON,
            **{name: value for name, value in optional.items() if value is not None},
            **self.extensions,
        }

    def structured(self) -> dict[str, Any]:
        """The event as one JSON object (structured content mode)."""
        return {**self.attributes(), "data": self.data}
