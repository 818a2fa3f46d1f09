"""Views: what can be read off the register as a whole, computed at each request and never stored. One file each."""

from collections.abc import Sequence

from fastapi import APIRouter
from pydantic import BaseModel

from app.views import gaps, graph, scorecard, search, timeline, vocabularies
from app.views.route import partnership_route

VIEWS = (scorecard.VIEW, gaps.VIEW, timeline.VIEW, graph.VIEW)

MODELS: Sequence[type[BaseModel]] = (*(view.model for view in VIEWS), search.SearchAnswer, vocabularies.VocabularyList,
                                     vocabularies.VocabularyOut)  # fmt: skip

router = APIRouter(tags=["views"])
for _view in VIEWS:
    partnership_route(router, _view)
router.include_router(search.router)
router.include_router(vocabularies.router)
