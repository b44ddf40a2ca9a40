"""RequestParser: waitress's parser of requests, with a limit for each part of a request."""

from io import BytesIO
from time import monotonic
from typing import Final, cast

from typing_extensions import override
from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import (
    Error,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
)

from risksentinel.server.body_memory import BodyMemory
from risksentinel.server.bounds import MAX_BODY_BYTES, MAX_HEADERS

# A proxy removes the headers that Connection names: a caller must not name any other.
_CONNECTION_OPTIONS: Final = frozenset(
    {
        *("", "close", "keep-alive", "te", "trailer", "trailers", "transfer-encoding", "upgrade"),
        *("http2-settings", "proxy-connection", "proxy-authenticate", "proxy-authorization"),
    }
)
_LINES_BESIDE_HEADERS: Final = 2  # the request line and the empty line


class Overloaded(Error):
    """The server has no room for the request."""

    code = 503
    reason = "Service Unavailable"


class _Discarded:
    """A buffer that forgets what it gets."""

    def append(self, _data: bytes) -> None:
        pass

    def getfile(self) -> BytesIO:
        return BytesIO()

    def close(self) -> None:
        pass

    def __len__(self) -> int:
        return 0


class RequestParser(HTTPRequestParser):
    """Refuses too many headers, ambiguous ones, and bodies for which there is no memory.

    A body that is refused is still read, because a client that sends cannot read the response.
    """

    def __init__(self, adj: Adjustments, memory: BodyMemory) -> None:
        super().__init__(adj)
        self.arrived: Final = monotonic()  # the time of the first byte
        self._memory = memory
        self._taken = 0
        self._refusal: Error | None = None

    @property
    def body_size(self) -> int:
        """The bytes of the body that were received."""
        return self.body_bytes_received

    @override
    def received(self, data: bytes) -> int:
        consumed = super().received(data)
        if self.body_rcv is not None and self._refusal is None:
            self._bound_body()
        if self.completed and self._refusal is not None:
            self.error = self._refusal
        if self.error is not None:
            self.expect_continue = False  # waitress would wait for the body
        return consumed

    @override
    def parse_header(self, header_plus: bytes) -> None:
        """Read the request line and the headers. Raises ParsingError."""
        if header_plus.count(b"\r\n") > MAX_HEADERS + _LINES_BESIDE_HEADERS:
            super().parse_header(b"GET / HTTP/1.0\r\n")
            self.error = RequestHeaderFieldsTooLarge(f"more than {MAX_HEADERS} headers")
            return
        super().parse_header(header_plus)
        lines = header_plus.lower()
        # A proxy that goes by the length would see a request in the body (RFC 9112, section 6.3).
        if b"\r\ncontent-length:" in lines and b"\r\ntransfer-encoding:" in lines:
            raise ParsingError("send Content-Length or Transfer-Encoding, not both")
        hosts = lines.count(b"\r\nhost:")
        if hosts > 1 or (hosts == 0 and self.version == "1.1"):
            raise ParsingError("send exactly one Host header")
        options = self.headers.get("CONNECTION")
        if options and not _CONNECTION_OPTIONS.issuperset(
            option.strip().lower() for option in options.split(",")
        ):
            raise ParsingError("Connection names a header that is not of the connection alone")

    @override
    def close(self) -> None:
        super().close()
        self._memory.give_back(self._taken)
        self._taken = 0

    def _bound_body(self) -> None:
        size = self.body_bytes_received
        if max(self.content_length, size) > MAX_BODY_BYTES:
            self._discard(RequestEntityTooLarge("the body is too large"))
        elif size > self._taken:
            if self._memory.take(size - self._taken):
                self._taken = size
            else:
                self._discard(Overloaded("no memory for the body"))

    def _discard(self, refusal: Error) -> None:
        self.close()
        self._refusal = refusal
        if self.body_rcv is not None:
            self.body_rcv.buf = cast("OverflowableBuffer", _Discarded())
