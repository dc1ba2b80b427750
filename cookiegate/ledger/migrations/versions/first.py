"""The first tables: receipts, presentations, removals."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "cookiegate_receipts",
        sa.Column("writer", sa.String(32), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(64), unique=True),
        sa.Column("time", sa.BigInteger, index=True),
        sa.Column("closes", sa.String(64), index=True),
        sa.Column("salt", sa.LargeBinary(16)),
        sa.Column("body", sa.LargeBinary),
        sa.Column("leaf", sa.LargeBinary(32)),
        sa.Column("link", sa.LargeBinary(32), nullable=False),
    )
    op.create_table(
        "cookiegate_presentations",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("surface", sa.String(16), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("html", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "cookiegate_removals",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("signature", sa.LargeBinary(64), nullable=False),
        sa.Column("key", sa.LargeBinary(32), nullable=False),
    )
