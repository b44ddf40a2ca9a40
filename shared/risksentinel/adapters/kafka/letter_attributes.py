"""Names of the CloudEvents attributes that a dead letter on Kafka adds to its event."""

from typing import Final

ERROR_CODE: Final = "knativeerrorcode"
ERROR_DESTINATION: Final = "knativeerrordest"
ERROR_DATA: Final = "knativeerrordata"
REASON: Final = "reason"
ATTEMPTS: Final = "deliveryattempts"
PARTITION: Final = "knativekafkapartition"
OFFSET: Final = "knativekafkaoffset"
LEFT_OUT_ORIGIN: Final = "leftoutorigin"  # of an omitted value: topic/partition/offset
LEFT_OUT_SIZE: Final = "leftoutsize"  # in bytes
LEFT_OUT_SHA256: Final = "leftoutsha256"  # in hexadecimal digits
LEFT_OUT: Final = frozenset({LEFT_OUT_ORIGIN, LEFT_OUT_SIZE, LEFT_OUT_SHA256})
ADDED: Final = LEFT_OUT | {
    *(ERROR_CODE, ERROR_DESTINATION, ERROR_DATA, REASON, ATTEMPTS, PARTITION, OFFSET),
}
