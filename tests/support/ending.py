"""The application, with one more path: an answer that lasts until the server stops."""

from collections.abc import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from app.main import create_app


def create() -> FastAPI:
    """What `uvicorn --factory` is given."""
    app = create_app()

    async def lasting(request: Request) -> StreamingResponse:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"begun\n"
            while not await request.state.shutdown.wait(60):
                yield b"still there\n"
            yield b"ended\n"

        return StreamingResponse(pieces(), media_type="application/octet-stream")

    app.add_api_route("/lasting", lasting, response_model=None)
    return app
