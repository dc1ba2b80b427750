"""Counts of refusals."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "cookiegate_refusals",
        sa.Column("day", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("version", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("surface", sa.String(16), primary_key=True),
        sa.Column("language", sa.String(35), primary_key=True),
        sa.Column("signals", sa.String(64), primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
