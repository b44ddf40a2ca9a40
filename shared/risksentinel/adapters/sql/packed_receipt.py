"""pack, unpack: a receipt compressed to few bytes, and back to the same JSON.

A packed receipt is one byte, the number of its dictionary, and a zlib stream (RFC 1950) of the
receipt's JSON, compressed with this dictionary. The stream has a checksum of the dictionary and
one of the text: a damaged receipt is an error, never another receipt.

A dictionary is a file of `receipt_dictionaries`, named by its number; it contains text that
receipts have in common. A file is never changed or removed, because receipts that were packed with
it need it. A release whose receipts have other texts adds the next number (`python -m
infra.generate.receipt_dictionary`), and unpacks receipts of all earlier numbers.
"""

import json
import zlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic_core import PydanticSerializationError, to_json

from risksentinel.adapters.sql.engine import dumps

DICTIONARY: Final = 1  # the number of the dictionary for new receipts
LEVEL: Final = 3  # of 1 to 9: level 6 saves a tenth more and takes half as much time again
_WINDOW: Final = 15  # 2^15 bytes: longer than a dictionary and a receipt together
# Of 1 to 9: the compressor is copied for each receipt, so a smaller one is faster.
_MEMORY: Final = 7
_FOLDER: Final = Path(__file__).parent / "receipt_dictionaries"


def pack(receipt: Any) -> bytes:  # noqa: ANN401 - any JSON
    """The receipt in a few hundred bytes; a Decimal becomes the string of its digits."""
    compressor = _compressor().copy()
    packed = compressor.compress(_encoded(receipt))
    return b"%c%b%b" % (DICTIONARY, packed, compressor.flush())


def _encoded(receipt: Any) -> bytes:  # noqa: ANN401 - the same
    """The receipt's JSON, by pydantic's encoder: it takes a third of the time of `dumps`.

    `dumps` writes, or refuses, what that encoder does not know, and NaN and the infinities, which
    it writes as these words.
    """
    try:
        text = to_json(receipt)
    except PydanticSerializationError:
        return dumps(receipt).encode()
    return dumps(receipt).encode() if b"NaN" in text or b"Infinity" in text else text


def unpack(packed: bytes) -> Any:  # noqa: ANN401 - any JSON
    """The packed receipt, with every number as it was written.

    Raises:
        ValueError: the bytes are damaged, or packed with a dictionary of a later release.
    """
    if not packed:
        raise ValueError("a packed receipt has no bytes")
    decompressor = zlib.decompressobj(zdict=dictionary(packed[0]))
    try:
        text = decompressor.decompress(packed[1:])
    except zlib.error as error:
        raise ValueError(f"a packed receipt is damaged: {error}") from None
    if not decompressor.eof or decompressor.unused_data:
        raise ValueError("a packed receipt is damaged: the stream ends too early or too late")
    return json.loads(text)


@cache
def dictionary(number: int) -> bytes:
    """The dictionary of this number. Raises ValueError where this release has none."""
    try:
        return (_FOLDER / str(number)).read_bytes()
    except FileNotFoundError:
        raise ValueError(
            f"a receipt is packed with dictionary {number}, which this release does not have: "
            "read it with the release that wrote it, or a later one"
        ) from None


def packer(text: bytes) -> Any:  # noqa: ANN401 - zlib does not name its type
    """A compressor with this dictionary; copy it for each receipt."""
    return zlib.compressobj(LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zdict=text)


@cache
def _compressor() -> Any:  # noqa: ANN401 - the same
    return packer(dictionary(DICTIONARY))
