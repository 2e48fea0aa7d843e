"""Members of content that nest what a table has flat: a period, the evidence of a check."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from pydantic import BaseModel

Form: TypeAlias = tuple[type[BaseModel], Mapping[str, str]]
"""A model, and by the name of each of its members on the wire the column that holds it."""


@dataclass(frozen=True)
class Nesting:
    """What a member nests: one form, or that which the column ``by`` names."""

    forms: Mapping[Any, Form]
    by: str | None = None

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns of all forms."""
        held = (column for _, parts in self.forms.values() for column in parts.values())
        return tuple(dict.fromkeys(held))

    def form(self, columns: Mapping[str, Any]) -> Form:
        """Return the form that a record with these columns has."""
        return self.forms[columns[self.by] if self.by else None]

    def flat(self, written: Mapping[str, Any], columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return all columns of a member that is written so, those of other forms empty."""
        _, parts = self.form(columns)
        return dict.fromkeys(self.columns) | {
            column: written[part] for part, column in parts.items()
        }

    def written(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Return the member, yet to be validated, of those of its columns that there are."""
        _, parts = self.form(columns)
        return {part: columns[column] for part, column in parts.items() if column in columns}

    def shown(self, row: Any) -> BaseModel:
        """Return the member of a row."""
        names = (*self.columns, self.by) if self.by else self.columns
        columns = {name: getattr(row, name) for name in names}
        model, _ = self.form(columns)
        return model.model_construct(**self.written(columns))
