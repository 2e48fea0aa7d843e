"""What was recorded by mistake is voided, and what another system sends keeps its name there."""

import sqlalchemy as sa
from alembic import op

from shared.db.migrations import execute_script

revision = "registry_0011"
down_revision = "registry_0010"
branch_labels = None
depends_on = None

# By table, what says that there is one record of a kind, and the columns by which there is.
CONSTRAINTS = {
    "income_entries": (
        "uq_income_entries_item",
        ["household_id", "period_from", "period_to", "source", "item", "recurring"],
    ),
    "guarantee_checks": (
        "uq_guarantee_checks_household_id_guarantee_checked_on",
        ["household_id", "guarantee", "checked_on"],
    ),
    "circumstances": ("uq_circumstances_household_id_checked_on", ["household_id", "checked_on"]),
    "village_accounts": ("uq_village_accounts_village_code_year", ["village_code", "year"]),
    "division_figures": (
        "uq_division_figures_division_figure_year",
        ["division", "figure", "year"],
    ),
}
INDEXES = {
    "households": ("uq_households_number", ["county", "number"]),
    "members": ("uq_members_document", ["household_id", "document_digest", "joined_on"]),
}
TEXTS = ("void_reason", "void_proposed_by", "voided_by")
MOMENTS = ("void_proposed_at", "voided_at")

# A membership that is voided takes nobody and contradicts none; whom it contradicted is looked at anew.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION member_contradicted(member members) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM members other
        WHERE other.document_digest = (member).document_digest AND other.id <> (member).id
          AND {stands} member_life(other) && member_life(member)
    ) OR (member).relation_to_head = 'head' AND EXISTS (
        SELECT FROM members other
        WHERE other.household_id = (member).household_id AND other.id <> (member).id
          AND {stands} other.relation_to_head = 'head'
          AND member_stay(other) && member_stay(member)
    )
$$;

CREATE OR REPLACE FUNCTION members_keep_until() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ended date;
BEGIN
    -- Shared with whoever else adds members, not with whoever ends the household or opens it again.
    SELECT ended_on INTO ended FROM households WHERE id = NEW.household_id FOR SHARE;
    NEW.until := member_until(NEW.joined_on, NEW.left_on, ended);
    IF TG_OP = 'INSERT' {voided} THEN
        NEW.contested := false;
    ELSIF OLD.contested THEN
        -- It may shrink, and go on contradicting what it did; it may not grow.
        NEW.contested := NEW.document_digest = OLD.document_digest
            AND NEW.household_id = OLD.household_id
            AND member_life(OLD) @> member_life(NEW)
            AND (NEW.relation_to_head <> 'head' OR OLD.relation_to_head = 'head')
            AND member_contradicted(NEW);
    END IF;
    RETURN NEW;
END $$;

DROP TRIGGER members_keep_until ON members;
CREATE TRIGGER members_keep_until
    BEFORE INSERT OR UPDATE OF {of_membership} ON members
    FOR EACH ROW EXECUTE FUNCTION members_keep_until();
DROP TRIGGER members_settle ON members;
CREATE TRIGGER members_settle
    AFTER UPDATE OF {of_membership} ON members
    FOR EACH ROW EXECUTE FUNCTION members_settle();

ALTER TABLE members DROP CONSTRAINT ex_members_person, DROP CONSTRAINT ex_members_head;
ALTER TABLE members ADD CONSTRAINT ex_members_person EXCLUDE USING gist (
    digest_range(document_digest, document_digest, '[]') WITH =,
    daterange(joined_on, CASE WHEN leave_reason = 'death' THEN NULL ELSE until END) WITH &&
) WHERE (NOT contested {counts}) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE members ADD CONSTRAINT ex_members_head EXCLUDE USING gist (
    id_range(household_id, household_id, '[]') WITH =,
    daterange(joined_on, until) WITH &&
) WHERE (relation_to_head = 'head' AND NOT contested {counts}) DEFERRABLE INITIALLY IMMEDIATE;
"""
OF_MEMBERSHIP = "joined_on, left_on, leave_reason, document_digest, household_id, relation_to_head"


def upgrade() -> None:
    for table in (*CONSTRAINTS, *INDEXES):
        for name in TEXTS:
            op.add_column(table, sa.Column(name, sa.Text()))
        for name in MOMENTS:
            op.add_column(table, sa.Column(name, sa.DateTime(timezone=True)))
        op.add_column(table, sa.Column("external_source", sa.String(40)))
        op.add_column(table, sa.Column("external_id", sa.String(80)))
        op.create_index(
            f"uq_{table}_external_id",
            table,
            ["external_source", "external_id"],
            unique=True,
            postgresql_where="external_id IS NOT NULL AND voided_at IS NULL",
        )
    for table, (name, columns) in CONSTRAINTS.items():
        op.drop_constraint(name, table)
        _one_that_stands(table, name, columns)
    for table, (name, columns) in INDEXES.items():
        op.drop_index(name, table_name=table)
        _one_that_stands(table, name, columns)
    execute_script(
        op.get_bind(),
        FUNCTIONS.format(
            stands="other.voided_at IS NULL AND",
            voided="OR NEW.voided_at IS NOT NULL",
            of_membership=f"{OF_MEMBERSHIP}, voided_at",
            counts="AND voided_at IS NULL",
        ),
    )


def downgrade() -> None:
    for table in (*CONSTRAINTS, *INDEXES):
        if op.get_bind().scalar(
            sa.text(f"SELECT EXISTS (SELECT FROM {table} WHERE voided_at IS NOT NULL)")  # noqa: S608 - our own names
        ):
            raise RuntimeError(
                f"{table} holds voided records, which would count again; take it from a backup"
            )
    execute_script(
        op.get_bind(),
        FUNCTIONS.format(stands="", voided="", of_membership=OF_MEMBERSHIP, counts=""),
    )
    for table, (name, columns) in INDEXES.items():
        op.drop_constraint(name, table)
        op.create_index(name, table, columns, unique=True)
    for table, (name, columns) in CONSTRAINTS.items():
        op.drop_constraint(name, table)
        op.create_unique_constraint(name, table, columns)
    for table in (*CONSTRAINTS, *INDEXES):
        op.drop_index(f"uq_{table}_external_id", table_name=table)
        for name in (*TEXTS, *MOMENTS, "external_source", "external_id"):
            op.drop_column(table, name)


def _one_that_stands(table: str, name: str, columns: list[str]) -> None:
    op.create_unique_constraint(
        name, table, [*columns, "voided_at"], postgresql_nulls_not_distinct=True
    )
