"""PostgreSQL no longer tries to compress the parts of runs: they are noise to it, and it took most of a save's time."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE parts ALTER COLUMN content SET STORAGE EXTERNAL")
