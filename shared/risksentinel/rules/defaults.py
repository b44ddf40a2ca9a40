"""DEFAULT_RULES: what a South African analyst would miss first, by the rules' ids.

The action says what a rule does where it fires; descriptions are for the analyst who reads them.
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
