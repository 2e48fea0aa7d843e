"""Nobody in two households at once, nobody anywhere after death, one head to a household: by constraint.

Memberships on record that contradict an earlier one are kept as they are and marked as contested: the
constraints pass over them, ``GET /v1/members?contested=true`` lists them, and whatever is recorded
from now on is held to the rule.
"""

import logging

import sqlalchemy as sa
from alembic import op

from shared.db.migrations import execute_script

revision = "registry_0007"
down_revision = "registry_0006"
branch_labels = None
depends_on = None

log = logging.getLogger("alembic.runtime.migration")

# PostgreSQL excludes by ranges without any extension: a range of one value equals only itself.
RANGES = """
CREATE TYPE digest_range AS RANGE (SUBTYPE = bytea);
CREATE TYPE id_range AS RANGE (SUBTYPE = uuid);
"""

# Until when somebody is a member is kept beside the membership, since a constraint sees one row
# alone: until they leave or the household ends, and never before they joined. A death is for good:
# it takes the person, though not the household's seat of the head, for all the time that follows.
FUNCTIONS = """
CREATE FUNCTION member_until(joined_on date, left_on date, ended_on date) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    -- Least passes over nulls: whoever has not left an ended household left with it.
    SELECT CASE WHEN least(left_on, ended_on) < joined_on THEN joined_on
        ELSE least(left_on, ended_on) END
$$;

CREATE FUNCTION member_stay(member members) RETURNS daterange LANGUAGE sql IMMUTABLE AS
$$ SELECT daterange((member).joined_on, (member).until) $$;

CREATE FUNCTION member_life(member members) RETURNS daterange LANGUAGE sql IMMUTABLE AS
$$ SELECT daterange((member).joined_on,
        CASE WHEN (member).leave_reason = 'death' THEN NULL ELSE (member).until END) $$;

CREATE FUNCTION member_contradicted(member members) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM members other
        WHERE other.document_digest = (member).document_digest AND other.id <> (member).id
          AND member_life(other) && member_life(member)
    ) OR (member).relation_to_head = 'head' AND EXISTS (
        SELECT FROM members other
        WHERE other.household_id = (member).household_id AND other.id <> (member).id
          AND other.relation_to_head = 'head' AND member_stay(other) && member_stay(member)
    )
$$;

CREATE FUNCTION members_keep_until() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ended date;
BEGIN
    -- Shared with whoever else adds members, not with whoever ends the household or opens it again.
    SELECT ended_on INTO ended FROM households WHERE id = NEW.household_id FOR SHARE;
    NEW.until := member_until(NEW.joined_on, NEW.left_on, ended);
    IF TG_OP = 'INSERT' THEN
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

CREATE FUNCTION members_settle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE members SET contested = false
    WHERE contested AND NOT member_contradicted(members)
      AND (document_digest = OLD.document_digest OR household_id = OLD.household_id);
    RETURN NULL;
END $$;

CREATE FUNCTION households_keep_until() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE members SET left_on = left_on WHERE household_id = NEW.id;
    RETURN NULL;
END $$;
"""
OF_MEMBERSHIP = "joined_on, left_on, leave_reason, document_digest, household_id, relation_to_head"
TRIGGERS = f"""
CREATE TRIGGER members_keep_until
    BEFORE INSERT OR UPDATE OF {OF_MEMBERSHIP} ON members
    FOR EACH ROW EXECUTE FUNCTION members_keep_until();
CREATE TRIGGER members_settle
    AFTER UPDATE OF {OF_MEMBERSHIP} ON members
    FOR EACH ROW EXECUTE FUNCTION members_settle();
CREATE TRIGGER households_keep_until
    AFTER UPDATE OF ended_on ON households
    FOR EACH ROW WHEN (OLD.ended_on IS DISTINCT FROM NEW.ended_on)
    EXECUTE FUNCTION households_keep_until();
"""
FILL = """
UPDATE members SET until = member_until(joined_on, left_on, ended_on)
FROM households WHERE households.id = household_id
"""
# The earliest recorded of those that contradict one another stands.
CONTEST = """
UPDATE members SET contested = true WHERE EXISTS (
    SELECT FROM members other
    WHERE (other.created_at, other.id) < (members.created_at, members.id)
      AND other.document_digest = members.document_digest
      AND member_life(other) && member_life(members)
) OR relation_to_head = 'head' AND EXISTS (
    SELECT FROM members other
    WHERE (other.created_at, other.id) < (members.created_at, members.id)
      AND other.household_id = members.household_id AND other.relation_to_head = 'head'
      AND member_stay(other) && member_stay(members)
)
"""
# At the end of a statement for whoever writes one; an import looks at the end of all it writes, since
# people may change places within a file.
CONSTRAINTS = """
ALTER TABLE members ADD CONSTRAINT ex_members_person EXCLUDE USING gist (
    digest_range(document_digest, document_digest, '[]') WITH =,
    daterange(joined_on, CASE WHEN leave_reason = 'death' THEN NULL ELSE until END) WITH &&
) WHERE (NOT contested) DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE members ADD CONSTRAINT ex_members_head EXCLUDE USING gist (
    id_range(household_id, household_id, '[]') WITH =,
    daterange(joined_on, until) WITH &&
) WHERE (relation_to_head = 'head' AND NOT contested) DEFERRABLE INITIALLY IMMEDIATE;
"""


def upgrade() -> None:
    op.add_column("members", sa.Column("until", sa.Date()))
    op.add_column(
        "members", sa.Column("contested", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    execute_script(op.get_bind(), RANGES + FUNCTIONS)
    op.execute(FILL)
    contested = op.get_bind().execute(sa.text(CONTEST)).rowcount
    execute_script(op.get_bind(), CONSTRAINTS + TRIGGERS)
    op.create_index(
        "ix_members_contested",
        "members",
        ["village_code"],
        postgresql_where=sa.text("contested"),
    )
    if contested:
        log.warning(
            "%d memberships contradict others recorded before them; they are kept, and listed by "
            "GET /v1/members?contested=true",
            contested,
        )


def downgrade() -> None:
    execute_script(
        op.get_bind(),
        """
        DROP TRIGGER households_keep_until ON households;
        DROP TRIGGER members_settle ON members;
        DROP TRIGGER members_keep_until ON members;
        DROP FUNCTION households_keep_until, members_settle, members_keep_until;
        DROP FUNCTION member_contradicted, member_stay, member_life, member_until;
        ALTER TABLE members DROP CONSTRAINT ex_members_head, DROP CONSTRAINT ex_members_person;
        """,
    )
    op.drop_index("ix_members_contested", table_name="members")
    op.drop_column("members", "contested")
    op.drop_column("members", "until")
    execute_script(op.get_bind(), "DROP TYPE id_range; DROP TYPE digest_range;")
