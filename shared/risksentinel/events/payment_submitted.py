"""payments.submitted: a payment from the payment broker, in any registered payment format."""

from typing import Final

TOPIC: Final = "payments.submitted"
TYPE: Final = "za.risksentinel.payment.submitted.v1"
PLAIN_RECORD: Final = "dev.knative.kafka.event"  # KafkaSource's type of a record without a type
TYPES: Final = frozenset({TYPE, PLAIN_RECORD})
