"""Settings of rules."""

from shared.journal.settings import FollowerSettings


class RulesSettings(FollowerSettings):
    """What rules needs: nothing beside what every service needs that follows the registry."""
