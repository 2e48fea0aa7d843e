"""Numbers of households recorded full-width are found half-width, as everything is asked for now.

They stay as they are recorded: two of one county may differ in nothing else.
"""

from alembic import op

revision = "registry_0010"
down_revision = "registry_0009"
branch_labels = None
depends_on = None

_FULL = "".join(map(chr, range(0xFF01, 0xFF5F)))
_HALF = "".join(map(chr, range(0x21, 0x7F))).replace("'", "''")


def upgrade() -> None:
    op.execute(
        "CREATE FUNCTION half_width(written text) RETURNS text "
        "LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE "
        f"RETURN translate(written, '{_FULL}', '{_HALF}')"
    )
    op.create_index(
        "ix_households_full_width",
        "households",
        ["county"],
        postgresql_where="number <> half_width(number)",
    )


def downgrade() -> None:
    op.drop_index("ix_households_full_width", table_name="households")
    op.execute("DROP FUNCTION half_width")
