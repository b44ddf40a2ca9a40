"""python -m infra.generate.receipt_dictionary < RECEIPTS > FILE: the text common to receipts.

RECEIPTS is one receipt's JSON a line, of made-up payments only: the file is part of every release.
FILE is the next number in `adapters/sql/receipt_dictionaries`; then DICTIONARY in
`adapters/packed_receipt` is raised to it.
"""

import sys
from collections.abc import Sequence
from typing import Final

from risksentinel.adapters.sql.packed_receipt import packer

MAX_BYTES: Final = 16_000  # with the longest receipt it lies within zlib's window of 32 KB
_CANDIDATES: Final = 60
_JUDGED: Final = 150


def chosen(receipts: Sequence[str]) -> bytes:
    """The receipts that save the most, one after the other; the most useful one at the end."""
    texts = [receipt.encode() for receipt in receipts]
    judged = texts[:: max(1, len(texts) // _JUDGED)]
    candidates = texts[1 :: max(1, len(texts) // _CANDIDATES)]  # others than those, mostly
    dictionary = b""
    while fitting := [one for one in candidates if len(one) + len(dictionary) <= MAX_BYTES]:
        best = min(fitting, key=lambda one: _size(one + dictionary, judged))
        if _size(best + dictionary, judged) >= _size(dictionary, judged):
            break
        dictionary = best + dictionary
        candidates.remove(best)
    return dictionary


def _size(dictionary: bytes, texts: Sequence[bytes]) -> int:
    compressor = packer(dictionary)
    size = 0
    for text in texts:
        one = compressor.copy()
        size += len(one.compress(text)) + len(one.flush())
    return size


def main() -> None:
    """Read receipts, write the dictionary."""
    sys.stdout.buffer.write(chosen([line.strip() for line in sys.stdin]))


if __name__ == "__main__":
    main()
