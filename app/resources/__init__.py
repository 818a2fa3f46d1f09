"""The resources of the register: one file each, and the one list of them all.

Each comes after those it refers to. What is in this list is routed, documented, searched, exported, and tested by the
contract suite.
"""

from app.core import stored_forms
from app.core.resource import Catalogue
from app.core.storage import history
from app.resources.belonging import belongs_to_partnership
from app.resources.challenges import challenges
from app.resources.citations import EVIDENCE, citations
from app.resources.commitments import commitments
from app.resources.dialogues import dialogues
from app.resources.indicators import indicators
from app.resources.meetings import meetings
from app.resources.milestones import milestones
from app.resources.observations import observations
from app.resources.partnerships import partnerships
from app.resources.recommendations import recommendations
from app.resources.sources import sources
from app.resources.stakeholders import stakeholders
from app.resources.themes import themes
from app.resources.updates import updates

ALL = (
    sources,
    partnerships,
    themes,
    stakeholders,
    challenges,
    recommendations,
    dialogues,
    meetings,
    indicators,
    observations,
    commitments,
    milestones,
    updates,
    citations,
)

CATALOGUE = Catalogue(ALL, EVIDENCE, guards=(belongs_to_partnership,))

stored_forms.prepare(ALL)
history.prepare(ALL)
