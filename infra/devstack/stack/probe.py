"""python -m infra.devstack.stack.probe URL: exits with 0 if a GET of the URL answers 200."""

import http.client
import sys
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

_TIMEOUT: Final = 3.0


def answers(url: str) -> bool:
    """Return whether a GET of the URL answers 200 within 3 s."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=_TIMEOUT)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not answers(sys.argv[1]))
