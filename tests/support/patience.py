"""A client that does what a busy server asks for: it comes again."""

import time
from collections.abc import Callable

import httpx

from tests.support.server import NO_CERTIFICATES


def _wait(seconds: float) -> bool:
    time.sleep(seconds)
    return False


class Patient(httpx.BaseTransport):
    """Sends a request again when a busy server says after how long, until told to stop."""

    def __init__(self, wait: Callable[[float], bool] = _wait) -> None:
        """Wait by a function that says whether to stop."""
        self._inner, self._wait = httpx.HTTPTransport(verify=NO_CERTIFICATES, trust_env=False), wait

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send it until it is answered by anything else."""
        while True:
            response = self._inner.handle_request(request)
            pause = response.headers.get("retry-after")
            if response.status_code != 503 or pause is None or self._wait(float(pause)):
                return response
            response.close()

    def close(self) -> None:
        """Close its connections."""
        self._inner.close()
