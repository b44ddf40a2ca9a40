"""python -m infra.devstack.gateway.server: all functions behind one port, by the table of routes.

HOST and PORT are the address to listen on, INGEST_URL and so on the addresses of the functions.
`--fd N` is an open listening socket, used instead of HOST and PORT.
"""

import os
import signal
import sys
from collections.abc import Mapping
from socket import socket
from types import FrameType
from typing import NoReturn

from infra.devstack.gateway.reverse_proxy import reverse_proxy
from infra.devstack.stack.topology import variable
from risksentinel.embedded.gateway import PUBLIC_FUNCTIONS, Gateway
from risksentinel.errors import Misconfigured
from risksentinel.logs import configure
from risksentinel.server.bounds import Bounds
from risksentinel.server.listening_sockets import listening_sockets
from risksentinel.server.server import Server
from risksentinel.settings import Settings


def serve(settings: Settings, addresses: Mapping[str, str], listen_socket: socket | None) -> None:
    """Serve until SIGTERM; requests in flight are finished."""
    # Each function has `threads` threads; a slow function must not use all threads of the gateway.
    threads = settings.threads * len(PUBLIC_FUNCTIONS)
    sockets = [listen_socket] if listen_socket else listening_sockets(settings.host, settings.port)
    proxies = {name: reverse_proxy(name, at, threads) for name, at in addresses.items()}
    bounds = Bounds.of(settings, threads=threads, per_address=settings.max_connections_per_address)
    server = Server(Gateway(proxies), bounds, sockets)
    try:
        server.run()
    finally:
        server.close()


def addresses_of(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the address of each function.

    Raises:
        Misconfigured: names every missing variable.
    """
    missing = [variable(name) for name in PUBLIC_FUNCTIONS if not environ.get(variable(name))]
    if missing:
        raise Misconfigured(f"set {', '.join(missing)}")
    return {name: environ[variable(name)] for name in PUBLIC_FUNCTIONS}


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """Read the environment and serve."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        settings = Settings.read()
        configure(settings.log_level)
        listen_socket = socket(fileno=int(sys.argv[2])) if sys.argv[1:2] == ["--fd"] else None
        settings.may_listen_on(listen_socket.getsockname()[0] if listen_socket else settings.host)
        serve(settings, addresses_of(os.environ), listen_socket)  # noqa: TID251 - addresses are no settings
    except Misconfigured as error:
        sys.exit(f"gateway: {error}")


if __name__ == "__main__":
    main()
