"""The register: its resources, their history, and what it knows of itself. Written by ``make baseline``.

Each table of records, and each that links them, has a twin of the same columns that keeps every version.
"""

import sqlalchemy as sa
from alembic import op

from migrations import orders, search
from migrations.columns import INSTANT, TERM, text

revision = "0001_7680088caef6"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "api_key",
        sa.Column("id", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("role", TERM, nullable=False),
        sa.Column("digest", text(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("revoked_by", text(), nullable=True),
        sa.Column("last_used_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    op.create_index(op.f("ix_api_key_created_at"), "api_key", ["created_at"], unique=False)
    op.create_table(
        "challenge_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("summary", text(), nullable=True),
        sa.Column("description", text(), nullable=True),
        sa.Column("severity", TERM, nullable=False),
        sa.Column("status", TERM, nullable=False),
        sa.Column("identified_on", text(), nullable=True),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_challenge_past_id_since"), "challenge_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_challenge_past_partnership_id"), "challenge_past", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_challenge_past_slug"), "challenge_past", ["slug"], unique=False)
    op.create_table(
        "challenge_theme_past",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(
        op.f("ix_challenge_theme_past_challenge_id_since"),
        "challenge_theme_past",
        ["challenge_id", "since"],
        unique=False,
    )
    op.create_table(
        "change_counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_counter")),
    )
    op.create_table(
        "citation_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("field", text(60), nullable=True),
        sa.Column("quote", sa.JSON(), nullable=True),
        sa.Column("locator", text(), nullable=True),
        sa.Column("intent", TERM, nullable=False),
        sa.Column("note", text(), nullable=True),
        sa.Column("given_inside", sa.Boolean(), nullable=False),
        sa.Column("subject_type", TERM, nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_citation_past_id_since"), "citation_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_citation_past_slug"), "citation_past", ["slug"], unique=False)
    op.create_index(op.f("ix_citation_past_source_id"), "citation_past", ["source_id"], unique=False)
    op.create_index(op.f("ix_citation_past_subject_id"), "citation_past", ["subject_id"], unique=False)
    op.create_table(
        "commitment_participant_past",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("stakeholder_id", sa.Uuid(), nullable=False),
        sa.Column("role", TERM, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(
        op.f("ix_commitment_participant_past_commitment_id_since"),
        "commitment_participant_past",
        ["commitment_id", "since"],
        unique=False,
    )
    op.create_table(
        "commitment_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("statement", text(), nullable=True),
        sa.Column("kind", TERM, nullable=False),
        sa.Column("made_on", text(), nullable=True),
        sa.Column("due_on", text(), nullable=True),
        sa.Column("verifiable", sa.Boolean(), nullable=True),
        sa.Column("potential", TERM, nullable=True),
        sa.Column("baseline_value", sa.Float(), nullable=True),
        sa.Column("target_value", sa.Float(), nullable=True),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("lifecycle", TERM, nullable=False),
        sa.Column("completion", TERM, nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("indicator_id", sa.Uuid(), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_commitment_past_id_since"), "commitment_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_commitment_past_partnership_id"), "commitment_past", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_commitment_past_slug"), "commitment_past", ["slug"], unique=False)
    op.create_table(
        "commitment_recommendation_past",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(
        op.f("ix_commitment_recommendation_past_commitment_id_since"),
        "commitment_recommendation_past",
        ["commitment_id", "since"],
        unique=False,
    )
    op.create_table(
        "commitment_theme_past",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(
        op.f("ix_commitment_theme_past_commitment_id_since"),
        "commitment_theme_past",
        ["commitment_id", "since"],
        unique=False,
    )
    op.create_table(
        "commitment_update_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("occurred_on", text(), nullable=False),
        sa.Column("party", text(), nullable=True),
        sa.Column("narrative", text(), nullable=False),
        sa.Column("sets", sa.JSON(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=True),
        sa.Column("reported_by_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(
        op.f("ix_commitment_update_past_commitment_id"), "commitment_update_past", ["commitment_id"], unique=False
    )
    op.create_index(op.f("ix_commitment_update_past_id_since"), "commitment_update_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_commitment_update_past_slug"), "commitment_update_past", ["slug"], unique=False)
    op.create_table(
        "dialogue_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("level", TERM, nullable=False),
        sa.Column("expected_interval_months", sa.Integer(), nullable=True),
        sa.Column("started_on", text(), nullable=True),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_dialogue_past_id_since"), "dialogue_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_dialogue_past_partnership_id"), "dialogue_past", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_dialogue_past_slug"), "dialogue_past", ["slug"], unique=False)
    op.create_table(
        "indicator_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("description", text(), nullable=True),
        sa.Column("unit", text(), nullable=True),
        sa.Column("measure", TERM, nullable=False),
        sa.Column("direction", TERM, nullable=False),
        sa.Column("frequency", text(), nullable=True),
        sa.Column("reporter", text(), nullable=True),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_indicator_past_id_since"), "indicator_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_indicator_past_partnership_id"), "indicator_past", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_indicator_past_slug"), "indicator_past", ["slug"], unique=False)
    op.create_table(
        "lease",
        sa.Column("name", text(), nullable=False),
        sa.Column("holder", text(), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "meeting_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("held_on", text(), nullable=True),
        sa.Column("place", text(), nullable=True),
        sa.Column("status", TERM, nullable=False),
        sa.Column("summary", text(), nullable=True),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("dialogue_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_meeting_past_dialogue_id"), "meeting_past", ["dialogue_id"], unique=False)
    op.create_index(op.f("ix_meeting_past_id_since"), "meeting_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_meeting_past_slug"), "meeting_past", ["slug"], unique=False)
    op.create_table(
        "milestone_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("due_on", text(), nullable=True),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("status", TERM, nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_milestone_past_commitment_id"), "milestone_past", ["commitment_id"], unique=False)
    op.create_index(op.f("ix_milestone_past_id_since"), "milestone_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_milestone_past_slug"), "milestone_past", ["slug"], unique=False)
    op.create_table(
        "observation_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("party", text(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("status", TERM, nullable=False),
        sa.Column("rank", TERM, nullable=False),
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_observation_past_id_since"), "observation_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_observation_past_indicator_id"), "observation_past", ["indicator_id"], unique=False)
    op.create_index(op.f("ix_observation_past_slug"), "observation_past", ["slug"], unique=False)
    op.create_index(op.f("ix_observation_past_source_id"), "observation_past", ["source_id"], unique=False)
    op.create_table(
        "partnership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("summary", text(), nullable=True),
        sa.Column("description", text(), nullable=True),
        sa.Column("parties", sa.JSON(), nullable=False),
        sa.Column("label", text(), nullable=True),
        sa.Column("established_on", text(), nullable=True),
        sa.Column("translations", sa.JSON(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership")),
        sa.UniqueConstraint("slug", name=op.f("uq_partnership_slug")),
    )
    op.create_index(op.f("ix_partnership_created_at"), "partnership", ["created_at"], unique=False)
    op.create_index(op.f("ix_partnership_updated_at"), "partnership", ["updated_at"], unique=False)
    op.create_table(
        "partnership_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("summary", text(), nullable=True),
        sa.Column("description", text(), nullable=True),
        sa.Column("parties", sa.JSON(), nullable=False),
        sa.Column("label", text(), nullable=True),
        sa.Column("established_on", text(), nullable=True),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_partnership_past_id_since"), "partnership_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_partnership_past_slug"), "partnership_past", ["slug"], unique=False)
    op.create_table(
        "recommendation_challenge_past",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(
        op.f("ix_recommendation_challenge_past_recommendation_id_since"),
        "recommendation_challenge_past",
        ["recommendation_id", "since"],
        unique=False,
    )
    op.create_table(
        "recommendation_participant_past",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("stakeholder_id", sa.Uuid(), nullable=False),
        sa.Column("role", TERM, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(
        op.f("ix_recommendation_participant_past_recommendation_id_since"),
        "recommendation_participant_past",
        ["recommendation_id", "since"],
        unique=False,
    )
    op.create_table(
        "recommendation_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("summary", text(), nullable=True),
        sa.Column("description", text(), nullable=True),
        sa.Column("priority", TERM, nullable=False),
        sa.Column("horizon", TERM, nullable=True),
        sa.Column("status", TERM, nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_recommendation_past_id_since"), "recommendation_past", ["id", "since"], unique=False)
    op.create_index(
        op.f("ix_recommendation_past_partnership_id"), "recommendation_past", ["partnership_id"], unique=False
    )
    op.create_index(op.f("ix_recommendation_past_slug"), "recommendation_past", ["slug"], unique=False)
    op.create_table(
        "recommendation_theme_past",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(
        op.f("ix_recommendation_theme_past_recommendation_id_since"),
        "recommendation_theme_past",
        ["recommendation_id", "since"],
        unique=False,
    )
    op.create_table(
        "refresh",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resource", text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_refresh")),
    )
    op.create_table(
        "revision",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resource", text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("action", TERM, nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("state_before", TERM, nullable=True),
        sa.Column("actor", text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("note", text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_revision")),
        sa.UniqueConstraint("record_id", "revision", name=op.f("uq_revision_record_id_revision")),
    )
    op.create_index(op.f("ix_revision_at"), "revision", ["at"], unique=False)
    op.create_index(op.f("ix_revision_resource"), "revision", ["resource"], unique=False)
    op.create_table(
        "search_document",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("resource", text(), nullable=False),
        sa.Column("label", text(), nullable=False),
        sa.Column("summary", text(), nullable=False),
        sa.Column("body", text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_document")),
        sa.UniqueConstraint("record_id", name=op.f("uq_search_document_record_id")),
    )
    op.create_index(op.f("ix_search_document_resource"), "search_document", ["resource"], unique=False)
    op.create_table(
        "setting",
        sa.Column("name", text(), nullable=False),
        sa.Column("value", text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("type", TERM, nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("title_is_description", sa.Boolean(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("publisher", text(), nullable=True),
        sa.Column("original_publisher", text(), nullable=True),
        sa.Column("container_title", text(), nullable=True),
        sa.Column("issued", text(), nullable=True),
        sa.Column("url", text(), nullable=True),
        sa.Column("doi", text(250), nullable=True),
        sa.Column("language", text(), nullable=True),
        sa.Column("accessed_on", sa.Date(), nullable=True),
        sa.Column("archive_url", text(), nullable=True),
        sa.Column("license", text(), nullable=True),
        sa.Column("independence", TERM, nullable=True),
        sa.Column("link_status", TERM, server_default="unchecked", nullable=False),
        sa.Column("link_checked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("slug", name=op.f("uq_source_slug")),
    )
    op.create_index(op.f("ix_source_created_at"), "source", ["created_at"], unique=False)
    op.create_index(op.f("ix_source_doi"), "source", ["doi"], unique=False)
    op.create_index(op.f("ix_source_issued"), "source", ["issued"], unique=False)
    op.create_index(op.f("ix_source_original_publisher"), "source", ["original_publisher"], unique=False)
    op.create_index(op.f("ix_source_publisher"), "source", ["publisher"], unique=False)
    op.create_index(op.f("ix_source_state_independence"), "source", ["state", "independence"], unique=False)
    op.create_index(op.f("ix_source_state_type"), "source", ["state", "type"], unique=False)
    op.create_index(op.f("ix_source_title"), "source", ["title"], unique=False)
    op.create_index(op.f("ix_source_updated_at"), "source", ["updated_at"], unique=False)
    op.create_index(op.f("ix_source_url"), "source", ["url"], unique=False)
    op.create_table(
        "source_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("type", TERM, nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("title_is_description", sa.Boolean(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("publisher", text(), nullable=True),
        sa.Column("original_publisher", text(), nullable=True),
        sa.Column("container_title", text(), nullable=True),
        sa.Column("issued", text(), nullable=True),
        sa.Column("url", text(), nullable=True),
        sa.Column("doi", text(250), nullable=True),
        sa.Column("language", text(), nullable=True),
        sa.Column("accessed_on", sa.Date(), nullable=True),
        sa.Column("archive_url", text(), nullable=True),
        sa.Column("license", text(), nullable=True),
        sa.Column("independence", TERM, nullable=True),
        sa.Column("link_status", TERM, nullable=False),
        sa.Column("link_checked_at", INSTANT, nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_source_past_id_since"), "source_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_source_past_slug"), "source_past", ["slug"], unique=False)
    op.create_table(
        "stakeholder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("other_names", sa.JSON(), nullable=False),
        sa.Column("kind", TERM, nullable=False),
        sa.Column("country", text(), nullable=True),
        sa.Column("url", text(), nullable=True),
        sa.Column("description", text(), nullable=True),
        sa.Column("identifiers", sa.JSON(), nullable=False),
        sa.Column("translations", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["stakeholder.id"], name=op.f("fk_stakeholder_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stakeholder")),
        sa.UniqueConstraint("slug", name=op.f("uq_stakeholder_slug")),
    )
    op.create_index(op.f("ix_stakeholder_created_at"), "stakeholder", ["created_at"], unique=False)
    op.create_index(op.f("ix_stakeholder_parent_id"), "stakeholder", ["parent_id"], unique=False)
    op.create_index(op.f("ix_stakeholder_updated_at"), "stakeholder", ["updated_at"], unique=False)
    op.create_table(
        "stakeholder_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("other_names", sa.JSON(), nullable=False),
        sa.Column("kind", TERM, nullable=False),
        sa.Column("country", text(), nullable=True),
        sa.Column("url", text(), nullable=True),
        sa.Column("description", text(), nullable=True),
        sa.Column("identifiers", sa.JSON(), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_stakeholder_past_id_since"), "stakeholder_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_stakeholder_past_slug"), "stakeholder_past", ["slug"], unique=False)
    op.create_table(
        "stored_answer",
        sa.Column("actor", text(), nullable=False),
        sa.Column("key", text(), nullable=False),
        sa.Column("fingerprint", text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_stored_answer")),
    )
    op.create_index(op.f("ix_stored_answer_at"), "stored_answer", ["at"], unique=False)
    op.create_table(
        "theme",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("description", text(), nullable=True),
        sa.Column("translations", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["theme.id"], name=op.f("fk_theme_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme")),
        sa.UniqueConstraint("slug", name=op.f("uq_theme_slug")),
    )
    op.create_index(op.f("ix_theme_created_at"), "theme", ["created_at"], unique=False)
    op.create_index(op.f("ix_theme_parent_id"), "theme", ["parent_id"], unique=False)
    op.create_index(op.f("ix_theme_updated_at"), "theme", ["updated_at"], unique=False)
    op.create_table(
        "theme_past",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("description", text(), nullable=True),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
    )
    op.create_index(op.f("ix_theme_past_id_since"), "theme_past", ["id", "since"], unique=False)
    op.create_index(op.f("ix_theme_past_slug"), "theme_past", ["slug"], unique=False)
    op.create_table(
        "webhook",
        sa.Column("id", text(), nullable=False),
        sa.Column("url", text(), nullable=False),
        sa.Column("description", text(), nullable=True),
        sa.Column("resources", sa.JSON(), nullable=False),
        sa.Column("partnership", text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("secret", text(), nullable=False),
        sa.Column("former_secrets", sa.JSON(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("delivered_seq", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("next_attempt_at", INSTANT, nullable=True),
        sa.Column("disabled_reason", text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
    )
    op.create_index(op.f("ix_webhook_created_at"), "webhook", ["created_at"], unique=False)
    op.create_table(
        "challenge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("summary", text(), nullable=True),
        sa.Column("description", text(), nullable=True),
        sa.Column("severity", TERM, nullable=False),
        sa.Column("status", TERM, nullable=False),
        sa.Column("identified_on", text(), nullable=True),
        sa.Column("translations", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_challenge_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_challenge")),
        sa.UniqueConstraint("slug", name=op.f("uq_challenge_slug")),
    )
    op.create_index(op.f("ix_challenge_created_at"), "challenge", ["created_at"], unique=False)
    op.create_index(op.f("ix_challenge_partnership_id"), "challenge", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_challenge_updated_at"), "challenge", ["updated_at"], unique=False)
    op.create_table(
        "citation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("field", text(60), nullable=True),
        sa.Column("quote", sa.JSON(), nullable=True),
        sa.Column("locator", text(), nullable=True),
        sa.Column("intent", TERM, nullable=False),
        sa.Column("note", text(), nullable=True),
        sa.Column("given_inside", sa.Boolean(), nullable=False),
        sa.Column("subject_type", TERM, nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_citation_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citation")),
        sa.UniqueConstraint("slug", name=op.f("uq_citation_slug")),
    )
    op.create_index(op.f("ix_citation_created_at"), "citation", ["created_at"], unique=False)
    op.create_index(op.f("ix_citation_field"), "citation", ["field"], unique=False)
    op.create_index(op.f("ix_citation_locator"), "citation", ["locator"], unique=False)
    op.create_index(op.f("ix_citation_source_id"), "citation", ["source_id"], unique=False)
    op.create_index(op.f("ix_citation_state_intent"), "citation", ["state", "intent"], unique=False)
    op.create_index(op.f("ix_citation_state_subject_type"), "citation", ["state", "subject_type"], unique=False)
    op.create_index(
        op.f("ix_citation_subject_id_subject_type_source_id_state_intent"),
        "citation",
        ["subject_id", "subject_type", "source_id", "state", "intent"],
        unique=False,
    )
    op.create_index(op.f("ix_citation_updated_at"), "citation", ["updated_at"], unique=False)
    op.create_table(
        "dialogue",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("level", TERM, nullable=False),
        sa.Column("expected_interval_months", sa.Integer(), nullable=True),
        sa.Column("started_on", text(), nullable=True),
        sa.Column("translations", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_dialogue_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialogue")),
        sa.UniqueConstraint("slug", name=op.f("uq_dialogue_slug")),
    )
    op.create_index(op.f("ix_dialogue_created_at"), "dialogue", ["created_at"], unique=False)
    op.create_index(op.f("ix_dialogue_partnership_id"), "dialogue", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_dialogue_updated_at"), "dialogue", ["updated_at"], unique=False)
    op.create_table(
        "indicator",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("name", text(), nullable=False),
        sa.Column("description", text(), nullable=True),
        sa.Column("unit", text(), nullable=True),
        sa.Column("measure", TERM, nullable=False),
        sa.Column("direction", TERM, nullable=False),
        sa.Column("frequency", text(), nullable=True),
        sa.Column("reporter", text(), nullable=True),
        sa.Column("translations", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_indicator_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("slug", name=op.f("uq_indicator_slug")),
    )
    op.create_index(op.f("ix_indicator_created_at"), "indicator", ["created_at"], unique=False)
    op.create_index(op.f("ix_indicator_partnership_id"), "indicator", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_indicator_updated_at"), "indicator", ["updated_at"], unique=False)
    op.create_table(
        "link_look",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("url", text(), nullable=False),
        sa.Column("final_url", text(), nullable=True),
        sa.Column("archive_url", text(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_link_look_source_id")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_link_look")),
    )
    op.create_table(
        "recommendation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("summary", text(), nullable=True),
        sa.Column("description", text(), nullable=True),
        sa.Column("priority", TERM, nullable=False),
        sa.Column("horizon", TERM, nullable=True),
        sa.Column("status", TERM, nullable=False),
        sa.Column("translations", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_recommendation_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation")),
        sa.UniqueConstraint("slug", name=op.f("uq_recommendation_slug")),
    )
    op.create_index(op.f("ix_recommendation_created_at"), "recommendation", ["created_at"], unique=False)
    op.create_index(op.f("ix_recommendation_partnership_id"), "recommendation", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_recommendation_updated_at"), "recommendation", ["updated_at"], unique=False)
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("webhook_id", text(), nullable=False),
        sa.Column("message_id", text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("state", TERM, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=True),
        sa.Column("detail", text(), nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    op.create_index(op.f("ix_webhook_delivery_state"), "webhook_delivery", ["state"], unique=False)
    op.create_index(op.f("ix_webhook_delivery_webhook_id_id"), "webhook_delivery", ["webhook_id", "id"], unique=False)
    op.create_table(
        "challenge_theme",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["challenge_id"], ["challenge.id"], name=op.f("fk_challenge_theme_challenge_id")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_challenge_theme_theme_id")),
        sa.PrimaryKeyConstraint("challenge_id", "theme_id", name=op.f("pk_challenge_theme")),
    )
    op.create_index(op.f("ix_challenge_theme_theme_id"), "challenge_theme", ["theme_id"], unique=False)
    op.create_table(
        "meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("held_on", text(), nullable=True),
        sa.Column("place", text(), nullable=True),
        sa.Column("status", TERM, nullable=False),
        sa.Column("summary", text(), nullable=True),
        sa.Column("translations", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("dialogue_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["dialogue_id"], ["dialogue.id"], name=op.f("fk_meeting_dialogue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
        sa.UniqueConstraint("slug", name=op.f("uq_meeting_slug")),
    )
    op.create_index(op.f("ix_meeting_created_at"), "meeting", ["created_at"], unique=False)
    op.create_index(op.f("ix_meeting_dialogue_id"), "meeting", ["dialogue_id"], unique=False)
    op.create_index(op.f("ix_meeting_held_on"), "meeting", ["held_on"], unique=False)
    op.create_index(op.f("ix_meeting_ordinal"), "meeting", ["ordinal"], unique=False)
    op.create_index(op.f("ix_meeting_state_place"), "meeting", ["state", "place"], unique=False)
    op.create_index(op.f("ix_meeting_state_status"), "meeting", ["state", "status"], unique=False)
    op.create_index(op.f("ix_meeting_title"), "meeting", ["title"], unique=False)
    op.create_index(op.f("ix_meeting_updated_at"), "meeting", ["updated_at"], unique=False)
    op.create_table(
        "observation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("party", text(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("status", TERM, nullable=False),
        sa.Column("rank", TERM, nullable=False),
        sa.Column("indicator_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_observation_indicator_id")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_observation_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
        sa.UniqueConstraint("slug", name=op.f("uq_observation_slug")),
    )
    op.create_index(op.f("ix_observation_created_at"), "observation", ["created_at"], unique=False)
    op.create_index(op.f("ix_observation_indicator_id"), "observation", ["indicator_id"], unique=False)
    op.create_index(op.f("ix_observation_period_end"), "observation", ["period_end"], unique=False)
    op.create_index(op.f("ix_observation_period_start"), "observation", ["period_start"], unique=False)
    op.create_index(op.f("ix_observation_source_id"), "observation", ["source_id"], unique=False)
    op.create_index(op.f("ix_observation_state_party"), "observation", ["state", "party"], unique=False)
    op.create_index(op.f("ix_observation_state_rank"), "observation", ["state", "rank"], unique=False)
    op.create_index(op.f("ix_observation_state_status"), "observation", ["state", "status"], unique=False)
    op.create_index(op.f("ix_observation_updated_at"), "observation", ["updated_at"], unique=False)
    op.create_index(op.f("ix_observation_value"), "observation", ["value"], unique=False)
    op.create_table(
        "recommendation_challenge",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("challenge_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["challenge_id"], ["challenge.id"], name=op.f("fk_recommendation_challenge_challenge_id")
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendation.id"], name=op.f("fk_recommendation_challenge_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("recommendation_id", "challenge_id", name=op.f("pk_recommendation_challenge")),
    )
    op.create_index(
        op.f("ix_recommendation_challenge_challenge_id"), "recommendation_challenge", ["challenge_id"], unique=False
    )
    op.create_table(
        "recommendation_participant",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("stakeholder_id", sa.Uuid(), nullable=False),
        sa.Column("role", TERM, nullable=False),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendation.id"], name=op.f("fk_recommendation_participant_recommendation_id")
        ),
        sa.ForeignKeyConstraint(
            ["stakeholder_id"], ["stakeholder.id"], name=op.f("fk_recommendation_participant_stakeholder_id")
        ),
        sa.PrimaryKeyConstraint(
            "recommendation_id", "stakeholder_id", "role", name=op.f("pk_recommendation_participant")
        ),
    )
    op.create_index(
        op.f("ix_recommendation_participant_stakeholder_id"),
        "recommendation_participant",
        ["stakeholder_id"],
        unique=False,
    )
    op.create_table(
        "recommendation_theme",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendation.id"], name=op.f("fk_recommendation_theme_recommendation_id")
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_recommendation_theme_theme_id")),
        sa.PrimaryKeyConstraint("recommendation_id", "theme_id", name=op.f("pk_recommendation_theme")),
    )
    op.create_index(op.f("ix_recommendation_theme_theme_id"), "recommendation_theme", ["theme_id"], unique=False)
    op.create_table(
        "commitment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("statement", text(), nullable=True),
        sa.Column("kind", TERM, nullable=False),
        sa.Column("made_on", text(), nullable=True),
        sa.Column("due_on", text(), nullable=True),
        sa.Column("verifiable", sa.Boolean(), nullable=True),
        sa.Column("potential", TERM, nullable=True),
        sa.Column("baseline_value", sa.Float(), nullable=True),
        sa.Column("target_value", sa.Float(), nullable=True),
        sa.Column("translations", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("lifecycle", TERM, server_default="pipeline", nullable=False),
        sa.Column("completion", TERM, server_default="not_assessed", nullable=False),
        sa.Column("partnership_id", sa.Uuid(), nullable=False),
        sa.Column("meeting_id", sa.Uuid(), nullable=True),
        sa.Column("indicator_id", sa.Uuid(), nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_commitment_indicator_id")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_commitment_meeting_id")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_commitment_partnership_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["commitment.id"], name=op.f("fk_commitment_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment")),
        sa.UniqueConstraint("slug", name=op.f("uq_commitment_slug")),
    )
    op.create_index(op.f("ix_commitment_baseline_value"), "commitment", ["baseline_value"], unique=False)
    op.create_index(
        "ix_commitment_counted_by",
        "commitment",
        ["state", "completion", "kind", "lifecycle", "verifiable", "potential"],
        unique=False,
    )
    op.create_index(op.f("ix_commitment_created_at"), "commitment", ["created_at"], unique=False)
    op.create_index(op.f("ix_commitment_due_on"), "commitment", ["due_on"], unique=False)
    op.create_index(op.f("ix_commitment_indicator_id"), "commitment", ["indicator_id"], unique=False)
    op.create_index(op.f("ix_commitment_made_on"), "commitment", ["made_on"], unique=False)
    op.create_index(op.f("ix_commitment_meeting_id"), "commitment", ["meeting_id"], unique=False)
    op.create_index(op.f("ix_commitment_partnership_id"), "commitment", ["partnership_id"], unique=False)
    op.create_index(op.f("ix_commitment_state_kind"), "commitment", ["state", "kind"], unique=False)
    op.create_index(op.f("ix_commitment_state_lifecycle"), "commitment", ["state", "lifecycle"], unique=False)
    op.create_index(op.f("ix_commitment_state_potential"), "commitment", ["state", "potential"], unique=False)
    op.create_index(op.f("ix_commitment_state_verifiable"), "commitment", ["state", "verifiable"], unique=False)
    op.create_index(op.f("ix_commitment_supersedes_id"), "commitment", ["supersedes_id"], unique=False)
    op.create_index(op.f("ix_commitment_target_value"), "commitment", ["target_value"], unique=False)
    op.create_index(op.f("ix_commitment_title"), "commitment", ["title"], unique=False)
    op.create_index(op.f("ix_commitment_updated_at"), "commitment", ["updated_at"], unique=False)
    op.create_table(
        "commitment_participant",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("stakeholder_id", sa.Uuid(), nullable=False),
        sa.Column("role", TERM, nullable=False),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_participant_commitment_id")
        ),
        sa.ForeignKeyConstraint(
            ["stakeholder_id"], ["stakeholder.id"], name=op.f("fk_commitment_participant_stakeholder_id")
        ),
        sa.PrimaryKeyConstraint("commitment_id", "stakeholder_id", "role", name=op.f("pk_commitment_participant")),
    )
    op.create_index(
        op.f("ix_commitment_participant_stakeholder_id_commitment_id"),
        "commitment_participant",
        ["stakeholder_id", "commitment_id"],
        unique=False,
    )
    op.create_table(
        "commitment_recommendation",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("recommendation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_recommendation_commitment_id")
        ),
        sa.ForeignKeyConstraint(
            ["recommendation_id"], ["recommendation.id"], name=op.f("fk_commitment_recommendation_recommendation_id")
        ),
        sa.PrimaryKeyConstraint("commitment_id", "recommendation_id", name=op.f("pk_commitment_recommendation")),
    )
    op.create_index(
        op.f("ix_commitment_recommendation_recommendation_id_commitment_id"),
        "commitment_recommendation",
        ["recommendation_id", "commitment_id"],
        unique=False,
    )
    op.create_table(
        "commitment_theme",
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("theme_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_theme_commitment_id")),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], name=op.f("fk_commitment_theme_theme_id")),
        sa.PrimaryKeyConstraint("commitment_id", "theme_id", name=op.f("pk_commitment_theme")),
    )
    op.create_index(
        op.f("ix_commitment_theme_theme_id_commitment_id"),
        "commitment_theme",
        ["theme_id", "commitment_id"],
        unique=False,
    )
    op.create_table(
        "milestone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("title", text(), nullable=False),
        sa.Column("due_on", text(), nullable=True),
        sa.Column("translations", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("met_on", sa.Date(), nullable=True),
        sa.Column("status", TERM, server_default="scheduled", nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_milestone_commitment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("slug", name=op.f("uq_milestone_slug")),
    )
    op.create_index(op.f("ix_milestone_commitment_id"), "milestone", ["commitment_id"], unique=False)
    op.create_index(op.f("ix_milestone_created_at"), "milestone", ["created_at"], unique=False)
    op.create_index(op.f("ix_milestone_due_on"), "milestone", ["due_on"], unique=False)
    op.create_index(op.f("ix_milestone_met_on"), "milestone", ["met_on"], unique=False)
    op.create_index(op.f("ix_milestone_state_status"), "milestone", ["state", "status"], unique=False)
    op.create_index(op.f("ix_milestone_title"), "milestone", ["title"], unique=False)
    op.create_index(op.f("ix_milestone_updated_at"), "milestone", ["updated_at"], unique=False)
    op.create_table(
        "commitment_update",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", text(), nullable=False),
        sa.Column("state", TERM, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("created_by", text(), nullable=False),
        sa.Column("occurred_on", text(), nullable=False),
        sa.Column("party", text(), nullable=True),
        sa.Column("narrative", text(), nullable=False),
        sa.Column("sets", sa.JSON(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("translations", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False),
        sa.Column("commitment_id", sa.Uuid(), nullable=False),
        sa.Column("milestone_id", sa.Uuid(), nullable=True),
        sa.Column("reported_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["commitment_id"], ["commitment.id"], name=op.f("fk_commitment_update_commitment_id")),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestone.id"], name=op.f("fk_commitment_update_milestone_id")),
        sa.ForeignKeyConstraint(
            ["reported_by_id"], ["stakeholder.id"], name=op.f("fk_commitment_update_reported_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commitment_update")),
        sa.UniqueConstraint("slug", name=op.f("uq_commitment_update_slug")),
    )
    op.create_index(
        op.f("ix_commitment_update_commitment_id_state_occurred_on_id"),
        "commitment_update",
        ["commitment_id", "state", "occurred_on", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_commitment_update_created_at"), "commitment_update", ["created_at"], unique=False)
    op.create_index(op.f("ix_commitment_update_milestone_id"), "commitment_update", ["milestone_id"], unique=False)
    op.create_index(
        op.f("ix_commitment_update_occurred_on_recorded_on"),
        "commitment_update",
        ["occurred_on", "recorded_on"],
        unique=False,
    )
    op.create_index(op.f("ix_commitment_update_recorded_on"), "commitment_update", ["recorded_on"], unique=False)
    op.create_index(op.f("ix_commitment_update_reported_by_id"), "commitment_update", ["reported_by_id"], unique=False)
    op.create_index(op.f("ix_commitment_update_score"), "commitment_update", ["score"], unique=False)
    op.create_index(op.f("ix_commitment_update_state_party"), "commitment_update", ["state", "party"], unique=False)
    op.create_index(op.f("ix_commitment_update_updated_at"), "commitment_update", ["updated_at"], unique=False)
    op.execute("INSERT INTO change_counter (id, seq) VALUES (1, 0)")
    search.make()
    orders.make()


def downgrade() -> None:
    """Take the tables away."""
    search.drop()
    op.drop_index(op.f("ix_commitment_update_updated_at"), table_name="commitment_update")
    op.drop_index(op.f("ix_commitment_update_state_party"), table_name="commitment_update")
    op.drop_index(op.f("ix_commitment_update_score"), table_name="commitment_update")
    op.drop_index(op.f("ix_commitment_update_reported_by_id"), table_name="commitment_update")
    op.drop_index(op.f("ix_commitment_update_recorded_on"), table_name="commitment_update")
    op.drop_index(op.f("ix_commitment_update_occurred_on_recorded_on"), table_name="commitment_update")
    op.drop_index(op.f("ix_commitment_update_milestone_id"), table_name="commitment_update")
    op.drop_index(op.f("ix_commitment_update_created_at"), table_name="commitment_update")
    op.drop_index(op.f("ix_commitment_update_commitment_id_state_occurred_on_id"), table_name="commitment_update")
    op.drop_table("commitment_update")
    op.drop_index(op.f("ix_milestone_updated_at"), table_name="milestone")
    op.drop_index(op.f("ix_milestone_title"), table_name="milestone")
    op.drop_index(op.f("ix_milestone_state_status"), table_name="milestone")
    op.drop_index(op.f("ix_milestone_met_on"), table_name="milestone")
    op.drop_index(op.f("ix_milestone_due_on"), table_name="milestone")
    op.drop_index(op.f("ix_milestone_created_at"), table_name="milestone")
    op.drop_index(op.f("ix_milestone_commitment_id"), table_name="milestone")
    op.drop_table("milestone")
    op.drop_index(op.f("ix_commitment_theme_theme_id_commitment_id"), table_name="commitment_theme")
    op.drop_table("commitment_theme")
    op.drop_index(
        op.f("ix_commitment_recommendation_recommendation_id_commitment_id"), table_name="commitment_recommendation"
    )
    op.drop_table("commitment_recommendation")
    op.drop_index(op.f("ix_commitment_participant_stakeholder_id_commitment_id"), table_name="commitment_participant")
    op.drop_table("commitment_participant")
    op.drop_index(op.f("ix_commitment_updated_at"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_title"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_target_value"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_supersedes_id"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_state_verifiable"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_state_potential"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_state_lifecycle"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_state_kind"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_partnership_id"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_meeting_id"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_made_on"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_indicator_id"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_due_on"), table_name="commitment")
    op.drop_index(op.f("ix_commitment_created_at"), table_name="commitment")
    op.drop_index("ix_commitment_counted_by", table_name="commitment")
    op.drop_index(op.f("ix_commitment_baseline_value"), table_name="commitment")
    op.drop_table("commitment")
    op.drop_index(op.f("ix_recommendation_theme_theme_id"), table_name="recommendation_theme")
    op.drop_table("recommendation_theme")
    op.drop_index(op.f("ix_recommendation_participant_stakeholder_id"), table_name="recommendation_participant")
    op.drop_table("recommendation_participant")
    op.drop_index(op.f("ix_recommendation_challenge_challenge_id"), table_name="recommendation_challenge")
    op.drop_table("recommendation_challenge")
    op.drop_index(op.f("ix_observation_value"), table_name="observation")
    op.drop_index(op.f("ix_observation_updated_at"), table_name="observation")
    op.drop_index(op.f("ix_observation_state_status"), table_name="observation")
    op.drop_index(op.f("ix_observation_state_rank"), table_name="observation")
    op.drop_index(op.f("ix_observation_state_party"), table_name="observation")
    op.drop_index(op.f("ix_observation_source_id"), table_name="observation")
    op.drop_index(op.f("ix_observation_period_start"), table_name="observation")
    op.drop_index(op.f("ix_observation_period_end"), table_name="observation")
    op.drop_index(op.f("ix_observation_indicator_id"), table_name="observation")
    op.drop_index(op.f("ix_observation_created_at"), table_name="observation")
    op.drop_table("observation")
    op.drop_index(op.f("ix_meeting_updated_at"), table_name="meeting")
    op.drop_index(op.f("ix_meeting_title"), table_name="meeting")
    op.drop_index(op.f("ix_meeting_state_status"), table_name="meeting")
    op.drop_index(op.f("ix_meeting_state_place"), table_name="meeting")
    op.drop_index(op.f("ix_meeting_ordinal"), table_name="meeting")
    op.drop_index(op.f("ix_meeting_held_on"), table_name="meeting")
    op.drop_index(op.f("ix_meeting_dialogue_id"), table_name="meeting")
    op.drop_index(op.f("ix_meeting_created_at"), table_name="meeting")
    op.drop_table("meeting")
    op.drop_index(op.f("ix_challenge_theme_theme_id"), table_name="challenge_theme")
    op.drop_table("challenge_theme")
    op.drop_index(op.f("ix_webhook_delivery_webhook_id_id"), table_name="webhook_delivery")
    op.drop_index(op.f("ix_webhook_delivery_state"), table_name="webhook_delivery")
    op.drop_table("webhook_delivery")
    op.drop_index(op.f("ix_recommendation_updated_at"), table_name="recommendation")
    op.drop_index(op.f("ix_recommendation_partnership_id"), table_name="recommendation")
    op.drop_index(op.f("ix_recommendation_created_at"), table_name="recommendation")
    op.drop_table("recommendation")
    op.drop_table("link_look")
    op.drop_index(op.f("ix_indicator_updated_at"), table_name="indicator")
    op.drop_index(op.f("ix_indicator_partnership_id"), table_name="indicator")
    op.drop_index(op.f("ix_indicator_created_at"), table_name="indicator")
    op.drop_table("indicator")
    op.drop_index(op.f("ix_dialogue_updated_at"), table_name="dialogue")
    op.drop_index(op.f("ix_dialogue_partnership_id"), table_name="dialogue")
    op.drop_index(op.f("ix_dialogue_created_at"), table_name="dialogue")
    op.drop_table("dialogue")
    op.drop_index(op.f("ix_citation_updated_at"), table_name="citation")
    op.drop_index(op.f("ix_citation_subject_id_subject_type_source_id_state_intent"), table_name="citation")
    op.drop_index(op.f("ix_citation_state_subject_type"), table_name="citation")
    op.drop_index(op.f("ix_citation_state_intent"), table_name="citation")
    op.drop_index(op.f("ix_citation_source_id"), table_name="citation")
    op.drop_index(op.f("ix_citation_locator"), table_name="citation")
    op.drop_index(op.f("ix_citation_field"), table_name="citation")
    op.drop_index(op.f("ix_citation_created_at"), table_name="citation")
    op.drop_table("citation")
    op.drop_index(op.f("ix_challenge_updated_at"), table_name="challenge")
    op.drop_index(op.f("ix_challenge_partnership_id"), table_name="challenge")
    op.drop_index(op.f("ix_challenge_created_at"), table_name="challenge")
    op.drop_table("challenge")
    op.drop_index(op.f("ix_webhook_created_at"), table_name="webhook")
    op.drop_table("webhook")
    op.drop_index(op.f("ix_theme_past_slug"), table_name="theme_past")
    op.drop_index(op.f("ix_theme_past_id_since"), table_name="theme_past")
    op.drop_table("theme_past")
    op.drop_index(op.f("ix_theme_updated_at"), table_name="theme")
    op.drop_index(op.f("ix_theme_parent_id"), table_name="theme")
    op.drop_index(op.f("ix_theme_created_at"), table_name="theme")
    op.drop_table("theme")
    op.drop_index(op.f("ix_stored_answer_at"), table_name="stored_answer")
    op.drop_table("stored_answer")
    op.drop_index(op.f("ix_stakeholder_past_slug"), table_name="stakeholder_past")
    op.drop_index(op.f("ix_stakeholder_past_id_since"), table_name="stakeholder_past")
    op.drop_table("stakeholder_past")
    op.drop_index(op.f("ix_stakeholder_updated_at"), table_name="stakeholder")
    op.drop_index(op.f("ix_stakeholder_parent_id"), table_name="stakeholder")
    op.drop_index(op.f("ix_stakeholder_created_at"), table_name="stakeholder")
    op.drop_table("stakeholder")
    op.drop_index(op.f("ix_source_past_slug"), table_name="source_past")
    op.drop_index(op.f("ix_source_past_id_since"), table_name="source_past")
    op.drop_table("source_past")
    op.drop_index(op.f("ix_source_url"), table_name="source")
    op.drop_index(op.f("ix_source_updated_at"), table_name="source")
    op.drop_index(op.f("ix_source_title"), table_name="source")
    op.drop_index(op.f("ix_source_state_type"), table_name="source")
    op.drop_index(op.f("ix_source_state_independence"), table_name="source")
    op.drop_index(op.f("ix_source_publisher"), table_name="source")
    op.drop_index(op.f("ix_source_original_publisher"), table_name="source")
    op.drop_index(op.f("ix_source_issued"), table_name="source")
    op.drop_index(op.f("ix_source_doi"), table_name="source")
    op.drop_index(op.f("ix_source_created_at"), table_name="source")
    op.drop_table("source")
    op.drop_table("setting")
    op.drop_index(op.f("ix_search_document_resource"), table_name="search_document")
    op.drop_table("search_document")
    op.drop_index(op.f("ix_revision_resource"), table_name="revision")
    op.drop_index(op.f("ix_revision_at"), table_name="revision")
    op.drop_table("revision")
    op.drop_table("refresh")
    op.drop_index(op.f("ix_recommendation_theme_past_recommendation_id_since"), table_name="recommendation_theme_past")
    op.drop_table("recommendation_theme_past")
    op.drop_index(op.f("ix_recommendation_past_slug"), table_name="recommendation_past")
    op.drop_index(op.f("ix_recommendation_past_partnership_id"), table_name="recommendation_past")
    op.drop_index(op.f("ix_recommendation_past_id_since"), table_name="recommendation_past")
    op.drop_table("recommendation_past")
    op.drop_index(
        op.f("ix_recommendation_participant_past_recommendation_id_since"), table_name="recommendation_participant_past"
    )
    op.drop_table("recommendation_participant_past")
    op.drop_index(
        op.f("ix_recommendation_challenge_past_recommendation_id_since"), table_name="recommendation_challenge_past"
    )
    op.drop_table("recommendation_challenge_past")
    op.drop_index(op.f("ix_partnership_past_slug"), table_name="partnership_past")
    op.drop_index(op.f("ix_partnership_past_id_since"), table_name="partnership_past")
    op.drop_table("partnership_past")
    op.drop_index(op.f("ix_partnership_updated_at"), table_name="partnership")
    op.drop_index(op.f("ix_partnership_created_at"), table_name="partnership")
    op.drop_table("partnership")
    op.drop_index(op.f("ix_observation_past_source_id"), table_name="observation_past")
    op.drop_index(op.f("ix_observation_past_slug"), table_name="observation_past")
    op.drop_index(op.f("ix_observation_past_indicator_id"), table_name="observation_past")
    op.drop_index(op.f("ix_observation_past_id_since"), table_name="observation_past")
    op.drop_table("observation_past")
    op.drop_index(op.f("ix_milestone_past_slug"), table_name="milestone_past")
    op.drop_index(op.f("ix_milestone_past_id_since"), table_name="milestone_past")
    op.drop_index(op.f("ix_milestone_past_commitment_id"), table_name="milestone_past")
    op.drop_table("milestone_past")
    op.drop_index(op.f("ix_meeting_past_slug"), table_name="meeting_past")
    op.drop_index(op.f("ix_meeting_past_id_since"), table_name="meeting_past")
    op.drop_index(op.f("ix_meeting_past_dialogue_id"), table_name="meeting_past")
    op.drop_table("meeting_past")
    op.drop_table("lease")
    op.drop_index(op.f("ix_indicator_past_slug"), table_name="indicator_past")
    op.drop_index(op.f("ix_indicator_past_partnership_id"), table_name="indicator_past")
    op.drop_index(op.f("ix_indicator_past_id_since"), table_name="indicator_past")
    op.drop_table("indicator_past")
    op.drop_index(op.f("ix_dialogue_past_slug"), table_name="dialogue_past")
    op.drop_index(op.f("ix_dialogue_past_partnership_id"), table_name="dialogue_past")
    op.drop_index(op.f("ix_dialogue_past_id_since"), table_name="dialogue_past")
    op.drop_table("dialogue_past")
    op.drop_index(op.f("ix_commitment_update_past_slug"), table_name="commitment_update_past")
    op.drop_index(op.f("ix_commitment_update_past_id_since"), table_name="commitment_update_past")
    op.drop_index(op.f("ix_commitment_update_past_commitment_id"), table_name="commitment_update_past")
    op.drop_table("commitment_update_past")
    op.drop_index(op.f("ix_commitment_theme_past_commitment_id_since"), table_name="commitment_theme_past")
    op.drop_table("commitment_theme_past")
    op.drop_index(
        op.f("ix_commitment_recommendation_past_commitment_id_since"), table_name="commitment_recommendation_past"
    )
    op.drop_table("commitment_recommendation_past")
    op.drop_index(op.f("ix_commitment_past_slug"), table_name="commitment_past")
    op.drop_index(op.f("ix_commitment_past_partnership_id"), table_name="commitment_past")
    op.drop_index(op.f("ix_commitment_past_id_since"), table_name="commitment_past")
    op.drop_table("commitment_past")
    op.drop_index(op.f("ix_commitment_participant_past_commitment_id_since"), table_name="commitment_participant_past")
    op.drop_table("commitment_participant_past")
    op.drop_index(op.f("ix_citation_past_subject_id"), table_name="citation_past")
    op.drop_index(op.f("ix_citation_past_source_id"), table_name="citation_past")
    op.drop_index(op.f("ix_citation_past_slug"), table_name="citation_past")
    op.drop_index(op.f("ix_citation_past_id_since"), table_name="citation_past")
    op.drop_table("citation_past")
    op.drop_table("change_counter")
    op.drop_index(op.f("ix_challenge_theme_past_challenge_id_since"), table_name="challenge_theme_past")
    op.drop_table("challenge_theme_past")
    op.drop_index(op.f("ix_challenge_past_slug"), table_name="challenge_past")
    op.drop_index(op.f("ix_challenge_past_partnership_id"), table_name="challenge_past")
    op.drop_index(op.f("ix_challenge_past_id_since"), table_name="challenge_past")
    op.drop_table("challenge_past")
    op.drop_index(op.f("ix_api_key_created_at"), table_name="api_key")
    op.drop_table("api_key")
