"""Rows that are locked to be changed."""

from typing import Any, TypeVar

from sqlalchemy import Select

Statement = TypeVar("Statement", bound=Select[Any])


def locked(statement: Statement) -> Statement:
    """Return a statement that locks its rows and reads them anew.

    What a session holds of them already may be older than the lock, and would be written over what
    somebody else has committed since.
    """
    return statement.with_for_update().execution_options(populate_existing=True)
