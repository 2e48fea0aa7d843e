"""The declarative base of the registry's tables."""

from sqlalchemy.orm import DeclarativeBase

from shared.db.base import service_metadata


class RegistryBase(DeclarativeBase):
    """Base of every mapped class of the registry."""

    metadata = service_metadata()
