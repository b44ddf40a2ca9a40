"""An application that echoes, and its request."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from risksentinel.server.bounds import (
    Bounds,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


GET = b"GET / HTTP/1.1\r\nHost: a\r\n"


SMALL = Bounds(threads=1, waiting=2)


def echo(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Answer with the size of the body."""
    size = len(environ["wsgi.input"].read())
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"size": size}).encode()]
