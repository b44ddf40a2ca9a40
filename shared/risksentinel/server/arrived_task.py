"""ArrivedTask: a WSGI request that states when its first byte arrived."""

from typing import Any

from typing_extensions import override
from waitress.task import WSGITask

from risksentinel.http.arrival import ARRIVED
from risksentinel.server.request_parser import RequestParser


class ArrivedTask(WSGITask):
    """Adds the time of the first byte to the environment of the application."""

    request: RequestParser  # type: ignore[assignment]  # the stub has the type of an error

    @override
    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[ARRIVED] = self.request.arrived
        return environ
