"""Requests that only an admin may make, and the routes that take them."""

from typing import Annotated

from fastapi import APIRouter, Depends

from app.api.documentation import WRITE_FAILS, WRITING
from app.api.documented_router import DocumentedRouter
from app.api.read_request import Read, ReadRequest
from app.api.write_request import Write, WriteRequest
from app.core.reading.parameters import ParameterSet
from app.core.visibility import Role, Viewer
from app.errors import Forbidden, Malformed


def require_admin(viewer: Viewer) -> None:
    """Refuse whoever is no admin."""
    if viewer.role < Role.admin:
        raise Forbidden("This requires the admin role.")


def admin_read(read: Read) -> ReadRequest:
    """A reading request by an admin."""
    read.context.demand_writer(read.viewer)
    require_admin(read.viewer)
    read.parameters(ParameterSet)
    return read


def admin_write(write: Write) -> WriteRequest:
    """A writing request by an admin; comes before the body is read, so that a body tells nothing to who may not."""
    require_admin(write.viewer)
    return write


AdminRead = Annotated[ReadRequest, Depends(admin_read)]
AdminWrite = Annotated[WriteRequest, Depends(admin_write)]


def admin_routes(router: APIRouter) -> DocumentedRouter:
    """A router of what only an admin may read and write."""
    return DocumentedRouter(router, security=WRITING, read_fails=WRITE_FAILS, before_body=(Depends(admin_write),))


def refuse_idempotency_key(write: WriteRequest) -> None:
    """Refuse to repeat a response that holds a secret: it would have to be stored."""
    if "idempotency-key" in write.request.headers:
        raise Malformed("Idempotency-Key is not taken here: the response, with its secret, would have to be stored.")
