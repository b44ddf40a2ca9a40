"""pack, unpack: a receipt compressed to few bytes, and back to the same JSON.

A packed receipt is one byte, the number of its dictionary, and a Zstandard frame (RFC 8878) of the
receipt's JSON, compressed with this dictionary; in rows of earlier releases it is a zlib stream
(RFC 1950). Both have a checksum of the text: a damaged receipt is an error, never another receipt.

A dictionary is a file of `receipt_dictionaries`, named by its number; it contains text that
receipts have in common. A file is never changed or removed, because receipts that were packed with
it need it. A release whose receipts have other texts adds the next number (`python -m
infra.generate.receipt_dictionary`), and unpacks receipts of all earlier numbers.
"""

import json
import zlib
from functools import cache, lru_cache
from pathlib import Path
from threading import get_ident
from typing import Any, Final

from pydantic_core import PydanticSerializationError, to_json
from zstandard import (
    DICT_TYPE_RAWCONTENT,
    FRAME_HEADER,
    ZstdCompressionDict,
    ZstdCompressor,
    ZstdDecompressor,
    ZstdError,
)

from risksentinel.adapters.sql.stored_json import dumps

DICTIONARY: Final = 2  # the number of the dictionary for new receipts
LEVEL: Final = 3  # level 5 saves an eighth more and takes twice the time
_THREADS: Final = 128  # more threads than that make compressors again
_FOLDER: Final = Path(__file__).parent / "receipt_dictionaries"


def pack(receipt: Any) -> bytes:  # noqa: ANN401 - any JSON
    """The receipt in a few hundred bytes; a Decimal becomes the string of its digits."""
    return b"%c%b" % (DICTIONARY, _compressor(get_ident()).compress(_encoded(receipt)))


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
    """The packed receipt, with every number as it was written. Raises ValueError as `text_of`."""
    return json.loads(text_of(packed))


def text_of(packed: bytes) -> bytes:
    """The JSON of the packed receipt.

    Raises:
        ValueError: the bytes are damaged, or packed with a dictionary of a later release.
    """
    if not packed:
        raise ValueError("a packed receipt has no bytes")
    stream, number = packed[1:], packed[0]
    decompressor = (
        _decompressor(number, get_ident()).decompressobj()
        if stream.startswith(FRAME_HEADER)
        else zlib.decompressobj(zdict=dictionary(number))
    )
    try:
        text = decompressor.decompress(stream)
    except (ZstdError, zlib.error) as error:
        raise ValueError(f"a packed receipt is damaged: {error}") from None
    if not decompressor.eof or decompressor.unused_data:
        raise ValueError("a packed receipt is damaged: the stream ends too early or too late")
    return text


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


def packer(text: bytes) -> ZstdCompressor:
    """A compressor with this dictionary, for one thread at a time."""
    common = _raw(text)
    common.precompute_compress(LEVEL)
    return ZstdCompressor(LEVEL, common, write_checksum=True, write_dict_id=False)


def _raw(text: bytes) -> ZstdCompressionDict:
    return ZstdCompressionDict(text, DICT_TYPE_RAWCONTENT)


@lru_cache(maxsize=_THREADS)
def _compressor(_thread: int) -> ZstdCompressor:
    return packer(dictionary(DICTIONARY))


@lru_cache(maxsize=_THREADS)
def _decompressor(number: int, _thread: int) -> ZstdDecompressor:
    return ZstdDecompressor(_raw(dictionary(number)))
