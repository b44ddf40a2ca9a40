"""graph_of: the operators of an ONNX file, read from its bytes before it is loaded.

The `onnx` package is a dependency of training only: a few fields of protobuf's wire format suffice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from risksentinel.errors import Malformed

_GRAPH: Final = 7  # field of ModelProto; the next ones are fields of the message before
_FUNCTIONS: Final = 25
_NODE: Final = 1
_INITIALIZER: Final = 5
_SPARSE_INITIALIZER: Final = 15
_OP_TYPE: Final = 4
_DOMAIN: Final = 7
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # protobuf's wire types
_FIXED: Final = {_FIXED64: 8, _FIXED32: 4}
_LONGEST_VARINT: Final = 10


@dataclass(frozen=True, slots=True)
class Graph:
    """The operators as domain.name, in order; `plain` without tensors and functions."""

    operators: tuple[str, ...]
    plain: bool


def graph_of(body: bytes) -> Graph:
    """Read the operators of a model.

    Raises:
        Malformed: the file is cut off, or is not ONNX.
    """
    operators: list[str] = []
    plain, graphs = True, 0
    for field, content in _fields(memoryview(body)):
        plain &= field != _FUNCTIONS
        if field != _GRAPH:
            continue
        graphs += 1
        for part, inner in _fields(content):
            plain &= part not in {_INITIALIZER, _SPARSE_INITIALIZER}
            if part == _NODE:
                operators.append(_operator(inner))
    if graphs != 1 or not operators:
        raise Malformed("is not an ONNX model")
    return Graph(tuple(operators), plain)


def _operator(node: memoryview) -> str:
    named = {field: bytes(content) for field, content in _fields(node)}
    domain, name = named.get(_DOMAIN, b""), named.get(_OP_TYPE, b"")
    return f"{domain.decode('ascii', 'replace')}.{name.decode('ascii', 'replace')}".lstrip(".")


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields of a message; numbers are skipped."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        wire = key & 7
        if wire == _VARINT:
            _, end = _varint(message, at)
        elif wire == _BYTES:
            length, at = _varint(message, at)
            end = at + length
        elif wire in _FIXED:
            end = at + _FIXED[wire]
        else:
            raise Malformed("is not an ONNX model")
        if end > len(message):
            raise Malformed("is cut off")
        yield key >> 3, message[at:end]
        at = end


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for index in range(_LONGEST_VARINT):
        if at + index >= len(message):
            raise Malformed("is cut off")
        byte = message[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:  # noqa: PLR2004 - the last byte has no continuation bit
            return value, at + index + 1
    raise Malformed("is not an ONNX model")
