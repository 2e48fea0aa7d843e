"""The declarative base of the tables of monitoring."""

from sqlalchemy.orm import DeclarativeBase

from shared.db.base import service_metadata


class MonitoringBase(DeclarativeBase):
    """Base of every mapped class of monitoring."""

    metadata = service_metadata()
