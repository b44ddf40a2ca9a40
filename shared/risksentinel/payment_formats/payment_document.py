"""PaymentDocument: a payment as the caller sends it; the id and the time may be missing."""

from collections.abc import Callable, Mapping
from datetime import datetime
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
from risksentinel.errors import Malformed, Violation
from risksentinel.payment_formats.currency import Currency
from risksentinel.payment_formats.worded import Worded
from risksentinel.text.time_field import parse_time
from risksentinel.text.validation import violations_of


def _money(value: object) -> Money:
    """Read an amount from text, or from a JSON number: the JSON parser returns int or Decimal.

    A float is refused because it is not exact.
    """
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


Identifier = Annotated[
    str,
    Field(strict=True, max_length=64, description=IDENTIFIER_IN_WORDS),
    Worded(IDENTIFIER, IDENTIFIER_IN_WORDS),
]
# Text in any script. These characters are refused, because they move or hide the text around them:
# C0 and C1 controls, separators of lines and paragraphs, marks that change the writing direction.
Category = Annotated[
    str,
    Field(strict=True, max_length=64),
    Worded(
        r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]{1,64}$",
        "1 to 64 characters on one line, without control characters",
    ),
]
Country = Annotated[
    str,
    Field(strict=True),
    Worded(r"^[A-Z]{2}$", "the two capital letters of a country by ISO 3166-1 alpha-2, like ZA"),
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
        parse_time, json_schema_input_type=Annotated[str, Field(json_schema_extra=_DATE_TIME)]
    ),
]


MAX_FIELDS: Final = 40


class PaymentDocument(BaseModel):
    """One payment. Amounts are exact and in rand; times carry their zone."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    sender_id: Identifier = Field(description="The account that pays")
    receiver_id: Identifier = Field(description="The beneficiary's account")
    amount_zar: AmountZar = Field(description="Rand with at most two decimals")
    channel: Channel = Field(description="Where the payer gave the order")
    merchant_category: Category | None = Field(
        default=None, description="The merchant's category: a code or words, in any script"
    )
    rail: Rail | None = Field(default=None, description="The payment system")
    receiver_country: Country | None = Field(
        default=None, description="Country of the beneficiary's account: ISO 3166-1 alpha-2"
    )
    device_id: Identifier | None = Field(
        default=None, description="Your identifier of the device that gave the order"
    )
    sim_swapped_at: Moment | None = Field(
        default=None, description="When the sender's number last moved to another SIM card"
    )
    beneficiary_added_at: Moment | None = Field(
        default=None, description="When the sender saved this beneficiary"
    )
    currency: Currency | None = Field(
        default=None, description="ZAR, the default: amounts are in rand only"
    )
    id: Identifier | None = Field(
        default=None, description="Your id; a repeated id returns the first response"
    )
    occurred_at: Moment | None = Field(
        default=None, description="When the payer gave the order; default: now"
    )

    def transaction(self, new_id: Callable[[], str], now: datetime) -> Transaction:
        """Return the payment; a missing id comes from `new_id`, a missing time is `now`.

        Raises:
            Malformed: a time is before 1990; or the payment is dated more than five minutes after
                `now`; or the SIM swap or the beneficiary more than five minutes after the payment.
        """
        transaction = self._payment(self.id or new_id(), self.occurred_at or now)
        transaction.refuse_if_ahead_of(now)
        return transaction

    def accepted(self) -> Transaction:
        """Return a payment that ingest accepted and sent as an event, with its id and its time.

        Raises:
            Malformed: the id or the time is missing, or the times contradict one another.
        """
        if self.id is None or self.occurred_at is None:
            missing = [name for name in ("id", "occurred_at") if getattr(self, name) is None]
            raise Malformed([Violation(name, "is required") for name in missing])
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
            device_id=self.device_id,
            sim_swapped_at=self.sim_swapped_at,
            beneficiary_added_at=self.beneficiary_added_at,
        )


def document(value: Mapping[str, Any]) -> PaymentDocument:
    """Validate a payment that was parsed from JSON.

    Raises:
        Malformed: all violations with their paths.
    """
    if len(value) > MAX_FIELDS:  # pydantic builds a violation for each unknown one
        raise Malformed(f"must not have more than {MAX_FIELDS} fields")
    try:
        return PaymentDocument.model_validate(value)
    except ValidationError as error:
        raise Malformed(violations_of(error)) from None


def accepted_payment(value: Mapping[str, Any]) -> Transaction:
    """Read a payment that ingest accepted, from the data of an event; ignore unknown fields.

    Raises:
        Malformed: all violations with their paths.
    """
    known = {name: value[name] for name in PaymentDocument.model_fields if name in value}
    return document(known).accepted()
