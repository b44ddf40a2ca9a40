"""OPEN: the access table of an app of tests, which serves every caller."""

from collections import defaultdict
from typing import Final

from risksentinel.http.route_access import Access, Open, Routes


def _open() -> defaultdict[str, Access]:
    return defaultdict(lambda: Open.EVERYBODY)


OPEN: Final[Routes] = defaultdict(_open)
