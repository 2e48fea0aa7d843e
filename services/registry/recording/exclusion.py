"""Things of which there is one at a time: excluded by the database, whatever writes, uncommitted rows too.

A unique key says that there is one for ever; this says that there is one on each day. It needs no
extension: a range that holds one value equals only itself. A service's migration makes the range type
(``CREATE TYPE id_range AS RANGE (SUBTYPE = uuid)``) and the constraint, in the same words.
"""

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import ExcludeConstraint


def one_value(range_type: str, column: str) -> str:
    """Return the range that holds the value of a column alone."""
    return f"{range_type}({column}, {column}, '[]')"


def never_at_once(name: str, key: str, days: str, where: str) -> ExcludeConstraint:
    """Return the constraint that no two rows with the same key share a day.

    ``key`` is a range of one value, ``days`` a ``daterange``, both SQL over the row's own columns, and
    ``where`` tells which rows count. It is looked at when a statement ends; whoever writes a set in
    several statements may ask for it later (``SET CONSTRAINTS name DEFERRED``).
    """
    return ExcludeConstraint(
        (text(key), "="),
        (text(days), "&&"),
        name=name,
        using="gist",
        where=text(where),
        deferrable=True,
        initially="IMMEDIATE",
    )
