"""The order of the feed by numbers of its own, and who has written entries that are yet to commit.

A transaction that writes to the journal takes a lock that tells the newest number there was, and
then its own number, which is greater. Whoever reads up to ``journal_horizon()`` therefore passes
nobody: the newest number is read first, then the locks, then – by another statement – the entries.
A writer that is missing among the locks either has ended, and its entries are seen, or takes a
number beyond the horizon. Other transactions, and other databases of the server, hold nothing back.
"""

import sqlalchemy as sa
from alembic import op

from shared.db.migrations import execute_script

revision = "shared_0005"
down_revision = "shared_0004"
branch_labels = None
depends_on = None

# The numbers go on behind every transaction's, which were the order until now. The function is
# stable, as it answers alike within a transaction: a volatile default would make COPY write row by row.
POSITIONS = """
CREATE SEQUENCE journal_positions AS bigint;
SELECT setval('journal_positions', pg_snapshot_xmax(pg_current_snapshot())::text::bigint);

CREATE FUNCTION journal_position() RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    own bigint := nullif(current_setting('qingling.journal_position', true), '')::bigint;
BEGIN
    IF own IS NULL THEN
        PERFORM pg_advisory_xact_lock_shared(
            (1::bigint << 62) + (SELECT last_value FROM journal_positions)
        );
        own := nextval('journal_positions');
        PERFORM set_config('qingling.journal_position', own::text, true);
    END IF;
    RETURN own;
END $$;

CREATE VIEW journal_writers AS
SELECT pid, (classid::bigint << 32) + objid::bigint - (1::bigint << 62) AS newest_before
FROM pg_locks
WHERE locktype = 'advisory' AND mode = 'ShareLock' AND objsubid = 1
  AND classid::bigint >= (1::bigint << 30) AND classid::bigint < (1::bigint << 31)
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database());

CREATE FUNCTION journal_horizon() RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    newest bigint;
    held bigint;
BEGIN
    newest := (SELECT last_value FROM journal_positions);
    held := (SELECT min(newest_before) FROM journal_writers);
    RETURN least(newest, held);
END $$;

ALTER TABLE journal ALTER COLUMN transaction SET DEFAULT journal_position();
"""
TRANSACTIONS = """
ALTER TABLE journal ALTER COLUMN transaction SET DEFAULT (pg_current_xact_id()::text)::bigint;
DROP FUNCTION journal_horizon();
DROP VIEW journal_writers;
DROP FUNCTION journal_position();
DROP SEQUENCE journal_positions;
"""


def upgrade() -> None:
    execute_script(op.get_bind(), POSITIONS)
    op.add_column("feed_positions", sa.Column("caught_up_at", sa.DateTime(timezone=True)))
    op.add_column("feed_positions", sa.Column("tried_at", sa.DateTime(timezone=True)))
    op.add_column("feed_positions", sa.Column("failing", sa.String(60)))
    op.create_table(
        "set_aside_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("event_id", sa.String(60), nullable=False),
        sa.Column("type", sa.String(120), nullable=False),
        sa.Column("subject", sa.String(130), nullable=False),
        sa.Column("division", sa.String(12, collation="C"), nullable=False),
        sa.Column("after", sa.String(60), nullable=False),
        sa.Column("cursor", sa.String(60), nullable=False),
        sa.Column("error", sa.String(120), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_set_aside_events"),
    )
    op.create_index("ix_set_aside_events_since", "set_aside_events", ["since", "id"])


def downgrade() -> None:
    op.drop_table("set_aside_events")
    for column in ("failing", "tried_at", "caught_up_at"):
        op.drop_column("feed_positions", column)
    execute_script(op.get_bind(), TRANSACTIONS)
