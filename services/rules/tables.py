"""Every table of rules, gathered for its migrations."""

from services.rules.base import RulesBase

METADATA = RulesBase.metadata
