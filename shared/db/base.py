"""Declarative bases: one metadata for the tables that every service has, one for each service."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


def service_metadata() -> MetaData:
    """Return a metadata with the house's names for constraints and indexes."""
    return MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class SharedBase(DeclarativeBase):
    """Base of the tables that stand in every service's database: journal, jobs, retries."""

    metadata = service_metadata()
