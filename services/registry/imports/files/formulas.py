"""The formulas of a sheet and all the cells that they fill."""

from services.registry.imports.files.addresses import LAST_COLUMN, rect_of
from services.registry.imports.files.limits import FileRefused

_FILLING = ("array", "dataTable")


class Formulas:
    """Which cells hold a formula, or the results of one that stands in another cell.

    Cells come row by row, and a formula that fills others stands in the first of them, so that one
    row number for each column says how far down formulas reach.
    """

    def __init__(self) -> None:
        self.reach = 0
        """The last row that any formula fills."""
        self._reach_of = [0] * (LAST_COLUMN + 1)

    def begin(self, row: int, column: int, attributes: list[str]) -> None:
        """Note a formula, with the attributes of its element."""
        named = dict(zip(attributes[::2], attributes[1::2], strict=True))
        if named.get("t") not in _FILLING or "ref" not in named:
            return
        top, left, bottom, right = rect_of(named["ref"])
        if (top, left) != (row, column):
            raise FileRefused("formula-unplaced")
        for filled in range(left, right + 1):
            self._reach_of[filled] = max(self._reach_of[filled], bottom)
        self.reach = max(self.reach, bottom)

    def fills(self, row: int, column: int) -> bool:
        """Tell whether a formula that stands in another cell fills this one."""
        return self._reach_of[column] >= row
