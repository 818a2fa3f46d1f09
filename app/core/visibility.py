"""Who sees which record: the one rule, used by every list, count, facet, reference, search and export."""

from dataclasses import dataclass
from enum import IntEnum

import sqlalchemy as sa

from app.core.model import State


class Role(IntEnum):
    """What a client may do; each role includes those before it."""

    anonymous = 0
    contributor = 1
    editor = 2
    admin = 3


@dataclass(frozen=True, slots=True)
class Viewer:
    """On whose behalf a request is carried out: a role, and who it is, as history names it (empty: the anonymous)."""

    role: Role = Role.anonymous
    actor: str = ""
    """The id of a key, the subject of a token, or what works for the operator."""

    @property
    def public(self) -> bool:
        """Whether this viewer sees exactly what everybody sees."""
        return self.role is Role.anonymous


ANONYMOUS = Viewer()


def visible(
    row: sa.FromClause,
    viewer: Viewer,
    *,
    withdrawn_since: sa.ColumnElement[bool] | None = None,
    withdrawn: bool = False,
) -> sa.ColumnElement[bool]:
    """The condition under which a row of any table of records is visible to a viewer.

    Editors see drafts. They see withdrawn records only where ``withdrawn`` is true: those are asked for by name. The
    public never sees a withdrawn record, in the past neither: of a row as it stood, ``withdrawn_since`` says whether
    it was withdrawn later.
    """
    state: sa.ColumnElement[str] = row.c.state
    if viewer.role >= Role.editor:
        return sa.true() if withdrawn else sa.and_(state != State.withdrawn.value)
    published = sa.and_(state == State.published.value)
    if withdrawn_since is not None:
        published = sa.and_(published, sa.not_(withdrawn_since))
    if viewer.role == Role.contributor:
        own = sa.and_(state == State.draft.value, row.c.created_by == viewer.actor)
        return sa.or_(published, own)
    return published


def may_edit(viewer: Viewer, state: str, created_by: str) -> bool:
    """Whether a viewer may change a record: an editor any, a contributor the drafts of its own."""
    if viewer.role >= Role.editor:
        return True
    return viewer.role == Role.contributor and state == State.draft.value and created_by == viewer.actor


def may_publish(viewer: Viewer) -> bool:
    """Whether a viewer may decide what everybody sees."""
    return viewer.role >= Role.editor
