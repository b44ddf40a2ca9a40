"""python -m infra.generate.receipt_dictionary < RECEIPTS > FILE: builds a dictionary.

RECEIPTS has the JSON of one receipt in each line, of generated payments only, because the
dictionary is part of every release. FILE is the next number in `adapters/sql/receipt_dictionaries`;
set DICTIONARY in `adapters/sql/packed_receipt.py` to it.
"""

import sys
from collections.abc import Sequence
from typing import Final

from risksentinel.adapters.sql.packed_receipt import packer

MAX_BYTES: Final = 16_000  # text of about nine receipts; more saves little
_CANDIDATES: Final = 60
_JUDGED: Final = 150


def chosen(receipts: Sequence[str]) -> bytes:
    """Return the receipts that save the most bytes, joined; the most useful one is last."""
    texts = [receipt.encode() for receipt in receipts]
    judged = texts[:: max(1, len(texts) // _JUDGED)]
    candidates = texts[1 :: max(1, len(texts) // _CANDIDATES)]  # mostly different from those
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
        size += len(compressor.compress(text))
    return size


def main() -> None:
    """Read receipts from standard input, and write the dictionary."""
    sys.stdout.buffer.write(chosen([line.strip() for line in sys.stdin]))


if __name__ == "__main__":
    main()
