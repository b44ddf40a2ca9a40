"""payments.submitted: what the payment broker sends; the payment's own format decides the rest."""

from typing import Final

TOPIC: Final = "payments.submitted"
TYPE: Final = "za.risksentinel.payment.submitted.v1"
PLAIN_RECORD: Final = "dev.knative.kafka.event"  # what KafkaSource calls a record without a type
TYPES: Final = frozenset({TYPE, PLAIN_RECORD})
