"""Releases of the policy."""

revision = "rules_0001"
down_revision = None
branch_labels = ("rules",)
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
