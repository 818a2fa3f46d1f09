"""Requests that only an admin may make."""

from typing import Annotated

from fastapi import Depends

from app.api.read_request import NoParameters, Read, ReadRequest
from app.api.write_request import Write, WriteRequest
from app.core.visibility import Role, Viewer
from app.errors import Forbidden


def require_admin(viewer: Viewer) -> None:
    """Refuse whoever is no admin."""
    if viewer.role < Role.admin:
        raise Forbidden("This requires the admin role.")


def admin_read(read: Read) -> ReadRequest:
    """A reading request by an admin."""
    read.context.demand_writer(read.viewer)
    require_admin(read.viewer)
    read.parameters(NoParameters)
    return read


def admin_write(write: Write) -> WriteRequest:
    """A writing request by an admin; comes before the body is read, so that a body tells nothing to who may not."""
    require_admin(write.viewer)
    return write


AdminRead = Annotated[ReadRequest, Depends(admin_read)]
AdminWrite = Annotated[WriteRequest, Depends(admin_write)]
