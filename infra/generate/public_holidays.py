"""public_holidays: the table of South Africa's public holidays, written from the library holidays.

`python -m infra.generate.public_holidays` writes the table; with `--check` it compares, and fails
on a difference. Only this module imports the library: the import takes 0.1 s and 18 MB.
"""

import sys
from datetime import date
from pathlib import Path
from typing import Final

from infra.generate.written_file import write_or_compare
from risksentinel.domain import business_days

FIRST: Final = 1990  # no payment is older: EARLIEST in domain/transaction.py
LAST: Final = 2060
TABLE: Final = Path(business_days.__file__).with_name("public_holidays.py")
_HEAD: Final = '''"""The public holidays of South Africa: each year's, as MMDD.

Written by `make holidays` from the library holidays (MIT), which follows the Public Holidays Act 36
of 1994: the fixed days, the Monday after a Sunday, and the single days that the President declared.
Do not edit.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PUBLIC_HOLIDAYS: Final[Mapping[int, str]] = MappingProxyType(
    {
'''
_TAIL: Final = """    }
)
"""


def text() -> str:
    """The whole table as the file has it."""
    lines = [f'        {year}: "{_days(year)}",\n' for year in range(FIRST, LAST + 1)]
    return _HEAD + "".join(lines) + _TAIL


def known(year: int) -> list[date]:
    """The year's public holidays in order, as the library knows them."""
    from holidays import country_holidays

    return sorted(country_holidays("ZA", years=year))


def main(arguments: list[str]) -> int:
    """Write the table, or compare it; answers 1 where it is not current."""
    return write_or_compare(TABLE, text(), arguments, "make holidays")


def _days(year: int) -> str:
    return " ".join(f"{day:%m%d}" for day in known(year) if day.year == year)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
