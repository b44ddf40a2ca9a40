"""DEFAULT_RULES: the rules of a new installation in South Africa, by their ids.

Descriptions are for the analyst who reviews the payment.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from risksentinel.rules.pack.borders import BORDERS
from risksentinel.rules.pack.cards import CARDS
from risksentinel.rules.pack.cash import CASH
from risksentinel.rules.pack.drain import DRAIN
from risksentinel.rules.pack.listed import LISTED
from risksentinel.rules.pack.mules import MULES
from risksentinel.rules.pack.takeover import TAKEOVER

DEFAULT_RULES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {**LISTED, **CASH, **BORDERS, **TAKEOVER, **DRAIN, **MULES, **CARDS}
)
