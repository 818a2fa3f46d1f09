"""The OpenAPI document: what the framework knows of the routes, completed with what the register knows of itself."""

from app.api.openapi.document import Tag, document
from app.api.openapi.routes import DocumentRoutes

__all__ = ["DocumentRoutes", "Tag", "document"]
