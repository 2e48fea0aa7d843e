"""The declarative base of the tables of rules."""

from sqlalchemy.orm import DeclarativeBase

from shared.db.base import service_metadata


class RulesBase(DeclarativeBase):
    """Base of every mapped class of rules."""

    metadata = service_metadata()
