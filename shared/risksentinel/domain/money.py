"""Money: exact, never a float."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Self

from typing_extensions import override

from risksentinel.errors import Malformed

LARGEST: Final = Decimal("9999999999999999.99")  # what numeric(18, 2) holds
_PLAIN: Final = re.compile(r"[0-9]{1,16}(\.[0-9]{1,2})?", re.ASCII)
_CENT: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Money:
    """An exact, non-negative amount of rand with at most two decimals."""

    amount: Decimal

    def __post_init__(self) -> None:
        if not (self.amount.is_finite() and 0 <= self.amount <= LARGEST):
            raise Malformed(f"must be between 0 and {LARGEST}")
        if not self.amount.same_quantum(_CENT):
            exact = self.amount.quantize(_CENT)
            if exact != self.amount:
                raise Malformed("must not have more than two decimals")
            object.__setattr__(self, "amount", exact)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read plain digits such as "75000" or "75000.00"; no sign, exponent, space or separator.

        Raises:
            Malformed: the text is anything else.
        """
        if _PLAIN.fullmatch(text) is None:
            raise Malformed("must be digits with at most two decimals, like 75000.00")
        return cls(Decimal(text))

    @classmethod
    def of_cents(cls, cents: int) -> Self:
        """The amount of so many cents."""
        return cls(Decimal(cents).scaleb(-2))

    @property
    def cents(self) -> int:
        """The amount in cents."""
        return int(self.amount.scaleb(2))

    @override
    def __str__(self) -> str:
        return f"{self.amount:f}"

    @property
    def in_words(self) -> str:
        """The amount as an analyst writes it: R75,000.00."""
        return f"R{self.amount:,.2f}"
