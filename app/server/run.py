"""Running the server: uvicorn with our own handling of connections, in one process or several."""

from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from app.server import protocol

_SECONDS_TO_FINISH = 20
"""For how long requests are finished after the server was asked to stop; longer ones are cut off."""


class _Workers(Multiprocess):
    """Processes that take connections from one socket."""

    def terminate_all(self) -> None:
        """End them, and take no new connections: left open here, the socket would take some that nobody serves."""
        for each in self.sockets:
            each.close()
        super().terminate_all()


def run(host: str, port: int, workers: int, log_config: dict[str, Any]) -> None:
    """Serve the application until a signal asks to stop, each process with the same way of logging."""
    options = {
        "factory": True,
        "host": host,
        "port": port,
        "workers": workers,
        "http": protocol.NAME,
        "ws": "none",
        "access_log": False,
        "server_header": False,
        "log_config": log_config,
        "timeout_graceful_shutdown": _SECONDS_TO_FINISH,
        # Which proxies are believed is the application's business.
        "proxy_headers": False,
    }
    if workers == 1:
        uvicorn.run("app.main:create_app", **options)  # type: ignore[arg-type]
        return
    config = uvicorn.Config("app.main:create_app", **options)  # type: ignore[arg-type]
    _Workers(config, [config.bind_socket()]).run()
