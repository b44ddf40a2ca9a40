"""versitygw: another S3, so that an adapter is held to S3 and not to MinIO."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from typing_extensions import override

from infra.devstack.servers.programs import built
from infra.devstack.servers.s3 import S3Server


class Versitygw(S3Server):
    """Objects as files in a folder."""

    name: ClassVar[str] = "versitygw"

    @property
    @override
    def command(self) -> Sequence[str]:
        address = f"{self.host}:{self.port}"
        return [built("versitygw"), "--port", address, "posix", str(self.data)]

    @property
    @override
    def environment(self) -> Mapping[str, str]:
        return {"ROOT_ACCESS_KEY": self.access_key, "ROOT_SECRET_KEY": self.secret_key}
