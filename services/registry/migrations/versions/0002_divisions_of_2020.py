"""The divisions of Zhejiang in the statistical edition of 2020-06-30."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "registry_0002"
down_revision = "registry_0001"
branch_labels = None
depends_on = None

EDITION = Path(__file__).parent.parent.parent / "divisions" / "zhejiang-divisions-2020-06-30.csv"
# The edition does not say since when each division exists; all of them stood on the first day of
# the period that the register's policy reaches back to.
STANDING_SINCE = date(2014, 1, 1)


def upgrade() -> None:
    divisions = sa.table(
        "divisions",
        *(
            sa.column(name)
            for name in (
                "code",
                "name",
                "level",
                "parent",
                "valid_from",
                "version",
                "recorded_by",
                "created_at",
                "updated_at",
            )
        ),
    )
    now = datetime.now(UTC)
    with EDITION.open(encoding="utf-8", newline="") as file:
        rows = [
            {
                **row,
                "parent": row["parent"] or None,
                "valid_from": STANDING_SINCE,
                "version": 1,
                "recorded_by": "edition 2020-06-30",
                "created_at": now,
                "updated_at": now,
            }
            for row in csv.DictReader(file)
        ]
    op.bulk_insert(divisions, rows)


def downgrade() -> None:
    op.execute("DELETE FROM divisions WHERE recorded_by = 'edition 2020-06-30'")
