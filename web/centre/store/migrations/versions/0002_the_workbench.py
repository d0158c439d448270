"""What the pages of the workbench need: how things moved, what waits, what changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """To this revision."""
    with op.batch_alter_table("packs") as table:
        table.add_column(sa.Column("measures", sa.JSON(), nullable=True))
    with op.batch_alter_table("enterprises") as table:
        table.add_column(sa.Column("changed", NUMBER, nullable=False, server_default="0"))
        table.add_column(sa.Column("erased_on", sa.Date(), nullable=True))
        table.create_index("ix_enterprises_changed", ["changed"])
    with op.batch_alter_table("standings") as table:
        table.add_column(sa.Column("awaiting", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("lists") as table:
        table.add_column(sa.Column("files", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("slices", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("fingerprint", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("counts", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("worker", sa.String(length=36), nullable=True))
        table.add_column(sa.Column("heartbeat", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("removed_on", sa.Date(), nullable=True))
    op.create_table(
        "moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("before", sa.String(length=1), nullable=False),
        sa.Column("after", sa.String(length=1), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("determination_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["determination_id"], ["determinations.id"]),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_moves_at", "moves", ["at"])
    op.create_index("ix_moves_cause", "moves", ["cause", "before", "at"])
    op.create_index("ix_moves_enterprise_id", "moves", ["enterprise_id"])
    op.create_index("ix_moves_measure", "moves", ["measure", "after", "at"])
    op.create_table(
        "ended_logins",
        sa.Column("login", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("login"),
    )
    op.create_table(
        "watches",
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("determination_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("looked_to", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["determination_id"], ["determinations.id"]),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"]),
        sa.PrimaryKeyConstraint("enterprise_id"),
    )
    op.create_table(
        "outlooks",
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(length=64), nullable=False),
        sa.Column("before", sa.String(length=1), nullable=False),
        sa.Column("after", sa.String(length=1), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"]),
        sa.PrimaryKeyConstraint("enterprise_id", "measure"),
    )
    op.create_index("ix_outlooks_last_day", "outlooks", ["last_day"])
    op.create_table(
        "listed",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("enterprise_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["enterprise_id"], ["enterprises.id"]),
        sa.ForeignKeyConstraint(["list_id"], ["lists.id"]),
        sa.PrimaryKeyConstraint("list_id", "enterprise_id"),
    )
    op.create_index("ix_listed_enterprise_id", "listed", ["enterprise_id"])
