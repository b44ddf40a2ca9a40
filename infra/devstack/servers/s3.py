"""The common part of the S3 servers: random keys, and the probe."""

import http.client
import secrets
from abc import ABC
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final

from typing_extensions import override

from infra.devstack.servers.server import LOOPBACK, Server

_REGION: Final = "us-east-1"


class S3Server(Server, ABC):
    """Object storage without buckets; its keys are random for each server, and in no file."""

    def __init__(self, folder: Path | None = None, host: str = LOOPBACK) -> None:
        super().__init__(folder, host)
        self.access_key: Final = f"test{secrets.token_hex(8)}"
        self.secret_key: Final = secrets.token_urlsafe(30)

    @property
    @override
    def settings(self) -> Mapping[str, str]:
        return {
            "S3_ENDPOINT_URL": f"http://{self.host}:{self.port}",
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": _REGION,
        }

    @property
    def data(self) -> Path:
        """The folder that holds the objects."""
        return self.folder / "data"

    @override
    def prepare(self) -> None:
        self.data.mkdir(exist_ok=True)

    @override
    def probe(self) -> None:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=2)
        try:
            connection.request("GET", "/")
            status = connection.getresponse().status
        finally:
            connection.close()
        if status != HTTPStatus.FORBIDDEN:  # the status for an unsigned request
            raise ConnectionError(f"answered {status}")
