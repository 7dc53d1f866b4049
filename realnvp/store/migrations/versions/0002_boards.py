"""Classes, their members, and the runs that these have published."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "boards",
        sa.Column("code", sa.String(8), primary_key=True),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("challenge", sa.Text, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("expires", sa.Double, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.create_table(
        "members",
        sa.Column("code", sa.String(8), sa.ForeignKey("boards.code", ondelete="CASCADE"), primary_key=True),
        sa.Column("owner", sa.String(64), primary_key=True),
        sa.Column("nickname", sa.String(24), nullable=False),
        sa.Column("teaches", sa.Boolean, nullable=False),
        sa.Column("since", sa.Double, nullable=False),
    )
    op.create_index("classes_of_an_owner", "members", ["owner"])
    op.create_table(
        "entries",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("code", sa.String(8), nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("run", sa.String(64), nullable=False),
        sa.Column("config", sa.Text, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("evaluation", sa.Text, nullable=False),
        sa.Column("parameters", sa.Integer, nullable=False),
        sa.Column("thumbnail", sa.LargeBinary, nullable=False),
        sa.Column("created", sa.Double, nullable=False),
        sa.Column("removed", sa.Double),
        sa.Column("by_teacher", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["code", "owner"], ["members.code", "members.owner"], ondelete="CASCADE"),
        sa.UniqueConstraint("code", "run"),
    )
