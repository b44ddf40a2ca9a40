"""FORMATS: the formats in which RiskSentinel reads payments, by content type."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from risksentinel.payment_formats import json_payment
from risksentinel.payment_formats.payment_document import PaymentDocument

FORMATS: Final[Mapping[str, Callable[[bytes], PaymentDocument]]] = MappingProxyType(
    {
        "application/json": json_payment.read,
    }
)
