"""Views: what can be read off the register as a whole, computed at each request and never stored. One file each."""

from fastapi import APIRouter

from app.api.context import Context
from app.views import gaps, graph, scorecard, timeline
from app.views.compare import ComparisonRoutes
from app.views.linked_data import LinkedDataRoutes
from app.views.routes import ViewRoutes
from app.views.search import SearchRoutes
from app.views.vocabularies import VocabularyRoutes

VIEWS = (scorecard.VIEW, gaps.VIEW, timeline.VIEW, graph.VIEW)


def register(router: APIRouter, context: Context) -> None:
    """Add the routes of every view."""
    for view in VIEWS:
        ViewRoutes(view).register(router)
    ComparisonRoutes().register(router)
    SearchRoutes().register(router)
    VocabularyRoutes(context.catalogue).register(router)
    LinkedDataRoutes(context).register(router)
