"""PaymentDocument: a payment as a caller states it, before it has an id and a time of ours."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from risksentinel.domain.money import Money
from risksentinel.domain.transaction import (
    IDENTIFIER,
    IDENTIFIER_IN_WORDS,
    Channel,
    Rail,
    Transaction,
)
from risksentinel.errors import Fault, Malformed
from risksentinel.payment_formats.faults import faults_of

_RFC3339: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def _money(value: object) -> Money:
    """Take exact text or a JSON number; a float has lost its cents before it came here."""
    if isinstance(value, Money):
        return value
    try:
        if isinstance(value, str):
            return Money.parse(value)
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            return Money(Decimal(value))
    except Malformed as malformed:
        raise PydanticCustomError("money", str(malformed)) from None
    raise PydanticCustomError("money", "must be an amount of rand, like 75000.00")


def _time(value: object) -> datetime:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # falls to the fault below: the digits name no moment of any calendar
    raise PydanticCustomError("time", "must be a time with its zone, like 2026-05-01T08:30:00Z")


Identifier = Annotated[
    str,
    Field(
        strict=True,
        pattern=IDENTIFIER,
        max_length=64,
        description=IDENTIFIER_IN_WORDS,
    ),
]
AmountZar = Annotated[
    Money,
    BeforeValidator(
        _money,
        json_schema_input_type=Annotated[
            str, Field(pattern=r"^[0-9]{1,16}(\.[0-9]{1,2})?$", examples=["75000.00"])
        ]
        | Annotated[float, Field(ge=0, lt=10**16, multiple_of=0.01)],
    ),
]
_DATE_TIME: Final[JsonDict] = {"format": "date-time", "examples": ["2026-05-01T08:30:00Z"]}
Moment = Annotated[
    datetime,
    BeforeValidator(
        _time, json_schema_input_type=Annotated[str, Field(json_schema_extra=_DATE_TIME)]
    ),
]


class PaymentDocument(BaseModel):
    """One payment. Amounts are rand, exact; times carry their zone."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    sender_id: Identifier = Field(description="The account that pays")
    receiver_id: Identifier = Field(description="The beneficiary's account")
    amount_zar: AmountZar = Field(description="Rand with at most two decimals")
    channel: Channel = Field(description="Where the payer gave the order")
    merchant_category: (
        Annotated[str, Field(strict=True, pattern=r"^[0-9A-Za-z_ .,&/-]{1,64}$")] | None
    ) = Field(default=None, description="What the merchant sells: a code or a word")
    rail: Rail | None = Field(default=None, description="What carries the money")
    receiver_country: Annotated[str, Field(strict=True, pattern=r"^[A-Z]{2}$")] | None = Field(
        default=None, description="Where the beneficiary's account is: ISO 3166-1 alpha-2"
    )
    id: Identifier | None = Field(
        default=None, description="Your own id: the same id again gets the first answer again"
    )
    occurred_at: Moment | None = Field(
        default=None, description="When the payer gave the order; now, if left out"
    )

    def transaction(self, new_id: Callable[[], str], now: datetime) -> Transaction:
        """The payment, with an id and a time of ours where the caller gave none.

        Raises:
            Malformed: it is dated in the future, or before 1990.
        """
        transaction = self._payment(self.id or new_id(), self.occurred_at or now)
        transaction.refuse_if_ahead_of(now)
        return transaction

    def accepted(self) -> Transaction:
        """The payment of an announcement: it has its id and time, and was let in before.

        Raises:
            Malformed: it has no id or time.
        """
        if self.id is None or self.occurred_at is None:
            missing = [name for name in ("id", "occurred_at") if getattr(self, name) is None]
            raise Malformed([Fault(name, "is required") for name in missing])
        return self._payment(self.id, self.occurred_at)

    def _payment(self, transaction_id: str, occurred_at: datetime) -> Transaction:
        return Transaction(
            id=transaction_id,
            sender_id=self.sender_id,
            receiver_id=self.receiver_id,
            amount=self.amount_zar,
            channel=self.channel,
            occurred_at=occurred_at,
            rail=self.rail,
            merchant_category=self.merchant_category,
            receiver_country=self.receiver_country,
        )


def document(value: Mapping[str, Any]) -> PaymentDocument:
    """Read a payment from parsed JSON.

    Raises:
        Malformed: every fault with its path.
    """
    try:
        return PaymentDocument.model_validate(value)
    except ValidationError as error:
        raise Malformed(faults_of(error)) from None
