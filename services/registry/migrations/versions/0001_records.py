"""Records of the registry."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "registry_0001"
down_revision = None
branch_labels = ("registry",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "divisions",
        sa.Column("code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("parent", sa.String(length=12, collation="C"), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["divisions.code"], name=op.f("fk_divisions_parent")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_divisions")),
    )
    op.create_index("ix_divisions_parent_code", "divisions", ["parent", "code"], unique=False)
    op.create_table(
        "households",
        sa.Column("village_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("county", sa.String(length=6, collation="C"), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("main_cause", sa.String(length=40), nullable=True),
        sa.Column("other_causes", sa.ARRAY(sa.String(length=40)), nullable=False),
        sa.Column("epidemic_impact", sa.Boolean(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("phone_masked", sa.String(length=40), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_households")),
        sa.UniqueConstraint("village_code", "id", name=op.f("uq_households_village_code_id")),
    )
    op.create_index("uq_households_number", "households", ["county", "number"], unique=True)
    op.create_table(
        "division_figures",
        sa.Column("division", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("figure", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["division"], ["divisions.code"], name=op.f("fk_division_figures_division")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_division_figures")),
        sa.UniqueConstraint(
            "division", "figure", "year", name=op.f("uq_division_figures_division_figure_year")
        ),
    )
    op.create_table(
        "guarantee_checks",
        sa.Column("guarantee", sa.String(length=40), nullable=False),
        sa.Column("checked_on", sa.Date(), nullable=False),
        sa.Column("inspector", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("shortage", sa.Boolean(), nullable=True),
        sa.Column("found_by", sa.String(length=40), nullable=True),
        sa.Column("children_of_school_age", sa.Integer(), nullable=True),
        sa.Column("children_out_of_school", sa.Integer(), nullable=True),
        sa.Column("children_home_taught", sa.Integer(), nullable=True),
        sa.Column("uninsured_members", sa.Integer(), nullable=True),
        sa.Column("housing_grade", sa.String(length=1), nullable=True),
        sa.Column("only_home", sa.Boolean(), nullable=True),
        sa.Column("appraiser", sa.Text(), nullable=True),
        sa.Column("water_litres_per_person_day", sa.Integer(), nullable=True),
        sa.Column("water_short_area", sa.Boolean(), nullable=True),
        sa.Column("water_quality_met", sa.Boolean(), nullable=True),
        sa.Column("water_tap_at_home", sa.Boolean(), nullable=True),
        sa.Column("water_round_trip_minutes", sa.Integer(), nullable=True),
        sa.Column("water_distance_metres", sa.Integer(), nullable=True),
        sa.Column("water_height_metres", sa.Integer(), nullable=True),
        sa.Column("water_cut_off_days", sa.Integer(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("village_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id", "village_code"],
            ["households.id", "households.village_code"],
            name=op.f("fk_guarantee_checks_household_id_village_code"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarantee_checks")),
        sa.UniqueConstraint(
            "household_id",
            "guarantee",
            "checked_on",
            name=op.f("uq_guarantee_checks_household_id_guarantee_checked_on"),
        ),
    )
    op.create_index(
        op.f("ix_guarantee_checks_village_code"), "guarantee_checks", ["village_code"], unique=False
    )
    op.create_table(
        "income_entries",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("recurring", sa.Boolean(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("village_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id", "village_code"],
            ["households.id", "households.village_code"],
            name=op.f("fk_income_entries_household_id_village_code"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income_entries")),
        sa.UniqueConstraint(
            "household_id",
            "period_from",
            "period_to",
            "source",
            "item",
            "recurring",
            name="uq_income_entries_item",
        ),
    )
    op.create_index(
        op.f("ix_income_entries_village_code"), "income_entries", ["village_code"], unique=False
    )
    op.create_table(
        "members",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("document_type", sa.String(length=40), nullable=False),
        sa.Column("document_masked", sa.String(length=40), nullable=False),
        sa.Column("document_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("document_digest", sa.LargeBinary(), nullable=False),
        sa.Column("relation_to_head", sa.String(length=40), nullable=False),
        sa.Column("sex", sa.String(length=2), nullable=True),
        sa.Column("birth_date", sa.Date(), nullable=True),
        sa.Column("ethnicity", sa.String(length=2), nullable=True),
        sa.Column("education", sa.String(length=2), nullable=True),
        sa.Column("school_status", sa.String(length=40), nullable=True),
        sa.Column("dropout_reason", sa.String(length=40), nullable=True),
        sa.Column("health", sa.String(length=40), nullable=True),
        sa.Column("labour_capacity", sa.String(length=40), nullable=True),
        sa.Column("employment_months", sa.Integer(), nullable=True),
        sa.Column("employment_place", sa.String(length=40), nullable=True),
        sa.Column("public_post", sa.Boolean(), nullable=True),
        sa.Column("medical_insurance", sa.String(length=40), nullable=True),
        sa.Column("serious_illness_insurance", sa.Boolean(), nullable=True),
        sa.Column("pension", sa.Boolean(), nullable=True),
        sa.Column("dibao", sa.Boolean(), nullable=True),
        sa.Column("extreme_poverty_support", sa.Boolean(), nullable=True),
        sa.Column("joined_on", sa.Date(), nullable=False),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("leave_reason", sa.String(length=40), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("village_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id", "village_code"],
            ["households.id", "households.village_code"],
            name=op.f("fk_members_household_id_village_code"),
            onupdate="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
    )
    op.create_index("ix_members_document_digest", "members", ["document_digest"], unique=False)
    op.create_index(op.f("ix_members_village_code"), "members", ["village_code"], unique=False)
    op.create_index(
        "uq_members_document",
        "members",
        ["household_id", "document_digest", "joined_on"],
        unique=True,
    )
    op.create_table(
        "village_accounts",
        sa.Column("village_code", sa.String(length=12, collation="C"), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("relatively_weak", sa.Boolean(), nullable=True),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("total_income_fen", sa.BigInteger(), nullable=False),
        sa.Column("operating_income_fen", sa.BigInteger(), nullable=False),
        sa.Column("one_off_income_fen", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["village_code"], ["divisions.code"], name=op.f("fk_village_accounts_village_code")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_village_accounts")),
        sa.UniqueConstraint(
            "village_code", "year", name=op.f("uq_village_accounts_village_code_year")
        ),
    )


def downgrade() -> None:
    op.drop_table("village_accounts")
    op.drop_index("uq_members_document", table_name="members")
    op.drop_index(op.f("ix_members_village_code"), table_name="members")
    op.drop_index("ix_members_document_digest", table_name="members")
    op.drop_table("members")
    op.drop_index(op.f("ix_income_entries_village_code"), table_name="income_entries")
    op.drop_table("income_entries")
    op.drop_index(op.f("ix_guarantee_checks_village_code"), table_name="guarantee_checks")
    op.drop_table("guarantee_checks")
    op.drop_table("division_figures")
    op.drop_index("uq_households_number", table_name="households")
    op.drop_table("households")
    op.drop_index("ix_divisions_parent_code", table_name="divisions")
    op.drop_table("divisions")
