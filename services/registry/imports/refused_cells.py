"""Cells that were refused when the file was read: errors, formulas, what cannot be read."""

from typing import Self

from shared.values.refusal import InvalidValue


class RefusedCell(str):
    """What is written in a cell that cannot be taken, with the reason."""

    __slots__ = ("refusal",)
    refusal: InvalidValue

    @classmethod
    def of(cls, refusal: InvalidValue, written: str) -> Self:
        """Return the cell; it never counts as blank."""
        cell = cls(written if written.strip() else "?")
        cell.refusal = refusal
        return cell
