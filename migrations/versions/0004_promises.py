"""Promises and what came of them: dialogues, meetings, indicators, observations, commitments, milestones, updates."""

import sqlalchemy as sa
from alembic import op

from migrations.shapes import WORD, Columns, drop, make_link, make_record, text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RECORDS: dict[str, tuple[Columns, dict[str, str]]] = {
    "dialogue": (
        [
            ("name", text(), False),
            ("level", WORD, False),
            ("expected_interval_months", sa.Integer(), True),
            ("started_on", sa.Date(), True),
            ("partnership_id", sa.Uuid(), False),
        ],
        {"partnership_id": "partnership"},
    ),
    "meeting": (
        [
            ("ordinal", sa.Integer(), True),
            ("held_on", sa.Date(), True),
            ("place", text(), True),
            ("status", WORD, False),
            ("summary", text(), True),
            ("title", text(), False),
            ("dialogue_id", sa.Uuid(), False),
        ],
        {"dialogue_id": "dialogue"},
    ),
    "indicator": (
        [
            ("name", text(), False),
            ("description", text(), True),
            ("unit", text(), True),
            ("measure", WORD, False),
            ("direction", WORD, False),
            ("frequency", text(), True),
            ("reporter", text(), True),
            ("partnership_id", sa.Uuid(), False),
        ],
        {"partnership_id": "partnership"},
    ),
    "observation": (
        [
            ("party", text(), True),
            ("period_start", sa.Date(), False),
            ("period_end", sa.Date(), False),
            ("value", sa.Float(), False),
            ("status", WORD, False),
            ("rank", WORD, False),
            ("indicator_id", sa.Uuid(), False),
            ("source_id", sa.Uuid(), False),
        ],
        {"indicator_id": "indicator", "source_id": "source"},
    ),
    "commitment": (
        [
            ("title", text(), False),
            ("statement", text(), True),
            ("kind", WORD, False),
            ("made_on", sa.Date(), True),
            ("due_on", sa.Date(), True),
            ("verifiable", sa.Boolean(), True),
            ("potential", WORD, True),
            ("baseline_value", sa.Float(), True),
            ("target_value", sa.Float(), True),
            ("lifecycle", WORD, False),
            ("completion", WORD, False),
            ("partnership_id", sa.Uuid(), False),
            ("made_at_id", sa.Uuid(), True),
            ("indicator_id", sa.Uuid(), True),
            ("supersedes_id", sa.Uuid(), True),
        ],
        {
            "partnership_id": "partnership",
            "made_at_id": "meeting",
            "indicator_id": "indicator",
            "supersedes_id": "commitment",
        },
    ),
    "milestone": (
        [
            ("title", text(), False),
            ("due_on", sa.Date(), True),
            ("met_on", sa.Date(), True),
            ("status", WORD, False),
            ("commitment_id", sa.Uuid(), False),
        ],
        {"commitment_id": "commitment"},
    ),
    "commitment_update": (
        [
            ("occurred_on", sa.Date(), False),
            ("party", text(), True),
            ("narrative", text(), False),
            ("sets", sa.JSON(), False),
            ("score", sa.Integer(), True),
            ("recorded_on", sa.Date(), False),
            ("commitment_id", sa.Uuid(), False),
            ("milestone_id", sa.Uuid(), True),
            ("reported_by_id", sa.Uuid(), True),
        ],
        {"commitment_id": "commitment", "milestone_id": "milestone", "reported_by_id": "stakeholder"},
    ),
}
"""Each table's own columns, and which of them refer to which table."""

LINKS: dict[str, tuple[str, str, Columns]] = {
    "commitment_theme": ("commitment", "theme", []),
    "commitment_recommendation": ("commitment", "recommendation", []),
    "commitment_participant": ("commitment", "stakeholder", [("role", WORD, False)]),
}
"""Each linking table: the owner, the other side, and what more a link says."""

DEFAULTS = {
    "commitment": {"lifecycle": "pipeline", "completion": "not_assessed"},
    "milestone": {"status": "scheduled"},
}


def upgrade() -> None:
    """Make the tables."""
    for name, (own, references) in RECORDS.items():
        # Updates are found by their commitment and their day together.
        indexed = [each for each in references if (name, each) != ("commitment_update", "commitment_id")]
        if name == "commitment_update":
            indexed.append("recorded_on")
        make_record(name, own, references, DEFAULTS.get(name), indexed)
    op.create_index(
        "ix_commitment_update_commitment_id_occurred_on", "commitment_update", ["commitment_id", "occurred_on"]
    )
    for name, (owner, other, more) in LINKS.items():
        make_link(name, owner, other, more)


def downgrade() -> None:
    """Take the tables away, those that refer to others first."""
    drop([*LINKS, *reversed(RECORDS)])
