"""public_holidays: generates the table of South African public holidays from the library holidays.

`python -m infra.generate.public_holidays` writes the table; with `--check` it compares the file,
and exits with 1 on a difference. Only this module imports the library, because the import takes
0.1 s and 18 MB.
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
    """Return the table as the text of the file."""
    lines = [f'        {year}: "{_days(year)}",\n' for year in range(FIRST, LAST + 1)]
    return _HEAD + "".join(lines) + _TAIL


def known(year: int) -> list[date]:
    """Return the public holidays of a year, in order, from the library."""
    from holidays import country_holidays

    return sorted(country_holidays("ZA", years=year))


def main(arguments: list[str]) -> int:
    """Write the table, or compare it; return 1 if the file is outdated."""
    return write_or_compare(TABLE, text(), arguments, "make holidays")


def _days(year: int) -> str:
    return " ".join(f"{day:%m%d}" for day in known(year) if day.year == year)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
