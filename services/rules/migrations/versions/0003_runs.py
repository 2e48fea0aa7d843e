"""Runs over a division."""

revision = "rules_0003"
down_revision = "rules_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
