"""The bodies of requests: their size, their media type, and the model they are read as.

A body is read when the credential is known to be good for writing, and before the transaction opens.
"""

from collections.abc import AsyncIterator, Sequence
from email.message import Message
from typing import Annotated

from fastapi import Depends, Request

from app.api.write_request import Write
from app.errors import Malformed, TooLarge, UnsupportedMediaType

MAX_BODY_BYTES = 2 * 1024 * 1024
JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
_MAX_TYPE_LENGTH = 500
"""The longest Content-Type that is read: to take it apart takes the square of its length, while everybody waits."""


async def read_bytes(request: Request, most: int = MAX_BODY_BYTES) -> bytes:
    """The body, refused as soon as it is known to be larger than what is taken."""
    too_large = f"The body may have at most {most // 1024} KiB here." if most < MAX_BODY_BYTES else None
    return b"".join([part async for part in read_parts(request, most, too_large)])


async def read_parts(request: Request, most: int, too_large: str | None = None) -> AsyncIterator[bytes]:
    """The body as it comes; raises TooLarge as soon as it is known to have more bytes than this."""
    # However many zeros it begins with: Python makes no number of more than 4,300 digits.
    declared = request.headers.get("content-length", "").lstrip("0") or "0"
    if not declared.isdigit():
        raise Malformed("Content-Length is not a number.")
    if int(declared) > most:
        raise TooLarge(too_large)
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise TooLarge(too_large)
        yield part


def check_media_type(request: Request, taken: Sequence[str]) -> None:
    """Refuse a body that is not declared as one of the media types taken, or that is encoded."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("Send the body as it is, without a Content-Encoding.")
    given = request.headers.get("content-type", "")
    if len(given) > _MAX_TYPE_LENGTH:
        raise UnsupportedMediaType("The Content-Type is longer than any that is taken.")
    declared = Message()
    declared["content-type"] = given
    names = [name.lower() for name, _ in declared.get_params([])]
    if len(set(names)) < len(names):
        # Who reads the first and who reads the last of two would read two different bodies.
        raise UnsupportedMediaType("Give each parameter of the Content-Type once.")
    charset = declared.get_content_charset("utf-8")
    if declared.get_content_type() not in taken or charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaType(f"Send the body as {' or '.join(taken)}, in UTF-8.")


async def json_body(request: Request, write: Write) -> bytes:
    """The bytes of a JSON body."""
    check_media_type(request, [JSON])
    return await read_bytes(request)


async def patch_body(request: Request, write: Write) -> bytes:
    """The bytes of a merge patch."""
    check_media_type(request, [MERGE_PATCH, JSON])
    return await read_bytes(request)


async def optional_json_body(request: Request, write: Write) -> bytes:
    """The bytes of a JSON body that may be left out: none then."""
    raw = await read_bytes(request)
    if raw:
        check_media_type(request, [JSON])
    return raw


JsonBody = Annotated[bytes, Depends(json_body)]
PatchBody = Annotated[bytes, Depends(patch_body)]
OptionalJsonBody = Annotated[bytes, Depends(optional_json_body)]
