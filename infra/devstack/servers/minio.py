"""MinIO: object storage as a cluster has it."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from typing_extensions import override

from infra.devstack.servers.programs import built
from infra.devstack.servers.s3 import S3Server


class Minio(S3Server):
    """One drive, no console."""

    name: ClassVar[str] = "minio"

    @property
    @override
    def command(self) -> Sequence[str]:
        address = f"{self.host}:{self.port}"
        return [built("minio"), "server", "--quiet", "--address", address, str(self.data)]

    @property
    @override
    def environment(self) -> Mapping[str, str]:
        return {
            "MINIO_ROOT_USER": self.access_key,
            "MINIO_ROOT_PASSWORD": self.secret_key,
            "MINIO_BROWSER": "off",
            "MINIO_UPDATE": "off",
        }
