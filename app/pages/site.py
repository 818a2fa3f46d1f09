"""What a site has for programs that visit it: robots.txt, a sitemap, llms.txt."""

from typing import Any
from xml.sax.saxutils import escape

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.responses import Response

from app import LICENCE_URL
from app.api import etag
from app.api.context import Context
from app.api.read_request import Read
from app.core.reading.reader import Reader
from app.core.resource import Resource
from app.core.visibility import ANONYMOUS
from app.pages.html import templates
from app.resources.sections import first_words, place

_MAX_URLS = 50_000
"""A sitemap may have this many, and no more."""

_PAGES = ("/", "/search", "/compare", "/methodology", "/licence", "/glossary", "/docs", "/assistants", "/problems")


class SiteRoutes:
    """Addresses that programs look for on any site."""

    def __init__(self, context: Context) -> None:
        """Tell of a register."""
        self.context = context
        self.base = context.public_url

    # -- handlers ----------------------------------------------------------------------------------------------

    async def robots_txt(self) -> Response:
        """Everything may be read; the API is better followed by its feed than crawled."""
        lines = ["User-agent: *", "Allow: /", "", f"Sitemap: {self.base}/sitemap.xml", ""]
        return _text("\n".join(lines), "text/plain; charset=utf-8")

    def sitemap_xml(self, read: Read) -> Response:
        """The pages of all published records, those changed last first."""
        reader = self.context.reader(read.connection, ANONYMOUS)
        entries = [f"<url><loc>{escape(self.base + path)}</loc></url>" for path in _PAGES]
        entries += [f"<url><loc>{escape(self.base)}/{each.name}</loc></url>" for each in self.context.catalogue]
        entries += [
            f"<url><loc>{escape(self.base)}/{name}/{slug}</loc><lastmod>{updated_at:%Y-%m-%d}</lastmod></url>"
            for name, slug, updated_at in _latest(reader)
        ]
        namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
        head = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{namespace}">\n'
        return _text(head + "\n".join(entries) + "\n</urlset>\n", "application/xml")

    async def llms_txt(self) -> Response:
        """The register in a page of Markdown, for language models (llmstxt.org)."""
        ordered = sorted(self.context.catalogue, key=lambda resource: place(resource.name))
        about = [_about(resource) for resource in ordered]
        text = templates().get_template("llms.txt").render(base=self.base, licence=LICENCE_URL, resources=about)
        return _text(text, "text/markdown; charset=utf-8")

    # -- registration ------------------------------------------------------------------------------------------

    def register(self, router: APIRouter) -> None:
        """Add the routes. None of them is part of the API."""
        for path, handler in (
            ("/robots.txt", self.robots_txt),
            ("/sitemap.xml", self.sitemap_xml),
            ("/llms.txt", self.llms_txt),
        ):
            router.add_api_route(path, handler, methods=["GET"], response_model=None)


def _text(text: str, media_type: str) -> Response:
    body = text.encode()
    headers = {"ETag": etag.make(body), "Cache-Control": "public, max-age=300"}
    return Response(body, headers=headers, media_type=media_type)


def _latest(reader: Reader) -> list[tuple[Any, ...]]:
    """The published records of every resource, those changed last first."""
    parts = []
    for resource in reader.catalogue:
        rows, condition = reader.tables.visible(resource.table)
        name = sa.literal(resource.name).label("name")
        parts.append(sa.select(name, rows.c.slug, rows.c.updated_at).where(condition))
    every = sa.union_all(*parts).subquery("record")
    ordered = sa.select(every).order_by(every.c.updated_at.desc(), every.c.name, every.c.slug)
    most = _MAX_URLS - len(_PAGES) - len(list(reader.catalogue))
    return reader.rows("the sitemap", ordered.limit(most))


def _about(resource: Resource) -> dict[str, str]:
    return {"name": resource.name, "about": first_words(resource).partition(": ")[2]}
