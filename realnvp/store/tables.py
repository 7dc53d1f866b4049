"""The tables of the newest schema, and how a run lies in them. The migrations make them."""

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from realnvp.snapshot import Evaluation
from realnvp.store.board import LONGEST_NICKNAME
from realnvp.store.run import LONGEST_NAME, RunLine, StoredRun, config_from_text, config_to_text

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("name", String(LONGEST_NAME), nullable=False),
    Column("pinned", Boolean, nullable=False),
    Column("config", Text, nullable=False),  # JSON, as are evaluation and versions
    Column("status", String(16), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("evaluation", Text),
    Column("parameters", Integer, nullable=False),
    Column("device", String(64), nullable=False),
    Column("versions", Text, nullable=False),
    Column("going", Boolean, nullable=False),
    Column("checkpoint_epoch", Integer, nullable=False),
    Column("pace", String(16), nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Column("deleted", Double),  # when; empty for what is there
    Index("runs_of_an_owner", "owner", "created"),
)

# What is large lies apart, so that lists do not read it.
parts = Table(
    "parts",
    metadata,
    Column("token", String(64), ForeignKey("runs.token", ondelete="CASCADE"), primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

# Classes; see board.py. An entry has what it shows of a run, so that it stays when the run goes.
boards = Table(
    "boards",
    metadata,
    Column("code", String(8), primary_key=True),
    Column("key_hash", String(64), nullable=False),
    Column("title", String(LONGEST_NAME), nullable=False),
    Column("challenge", Text, nullable=False),  # JSON
    Column("created", Double, nullable=False),
    Column("expires", Double, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),  # goes up by one with each change of the class, its members or entries
)

members = Table(
    "members",
    metadata,
    Column("code", String(8), ForeignKey("boards.code", ondelete="CASCADE"), primary_key=True),
    Column("owner", String(64), primary_key=True),
    Column("nickname", String(LONGEST_NICKNAME), nullable=False),  # empty for a teacher who takes no part
    Column("teaches", Boolean, nullable=False),
    Column("since", Double, nullable=False),  # when they came, or took the nickname
    Index("classes_of_an_owner", "owner"),
)

entries = Table(
    "entries",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("code", String(8), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("run", String(64), nullable=False),
    Column("config", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("evaluation", Text, nullable=False),
    Column("parameters", Integer, nullable=False),
    Column("thumbnail", LargeBinary, nullable=False),
    Column("created", Double, nullable=False),
    Column("removed", Double),  # when; empty for what is on the wall
    Column("by_teacher", Boolean, nullable=False),  # whether a teacher has removed it
    ForeignKeyConstraint(["code", "owner"], ["members.code", "members.owner"], ondelete="CASCADE"),
    UniqueConstraint("code", "run"),
)

OF_A_LINE = [c for c in runs.columns if c.name not in ("going", "checkpoint_epoch", "pace", "deleted")]
OF_A_RUN = [c for c in runs.columns if c.name != "deleted"]
# A run's owner decides on these; what the engine tells of a run later leaves them alone.
OF_THE_OWNER = ("token", "owner", "name", "pinned", "created")


def row_of(run: StoredRun) -> dict[str, Any]:
    """The values of a run's row."""
    values = {column.name: getattr(run, column.name) for column in OF_A_RUN}
    return values | {
        "config": config_to_text(run.config),
        "evaluation": run.evaluation and json.dumps(asdict(run.evaluation)),
        "versions": json.dumps(run.versions),
    }


def values_of(row: Row) -> dict[str, Any]:
    """The values of a run or of a line, from a row. A config that this version cannot read is a ValueError."""
    values = dict(row._mapping)
    return values | {
        "config": config_from_text(row.config),
        "evaluation": row.evaluation and Evaluation(**json.loads(row.evaluation)),
        "versions": json.loads(row.versions),
    }


def line_of(row: Row) -> RunLine:
    return RunLine(**values_of(row))
