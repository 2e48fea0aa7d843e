"""Identifiers of records: UUIDv7, so that newer rows sort after older ones."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """Return a fresh UUIDv7."""
    return uuid_utils.compat.uuid7()
