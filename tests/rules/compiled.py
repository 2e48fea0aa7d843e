"""What tests have compiled: a policy follows from its files alone, and most tests have the same."""

from services.rules.releases.shelf import Policies

COMPILED = Policies()
