"""What reading the files of one import may cost, and why a file is refused while it is read."""

COLUMNS = 64
"""Columns whose cells are kept; what is filled further right is only named."""
FAR_CELLS = 1000
"""Filled cells right of these columns, in one sheet, before the sheet is refused."""
PARTS = 10_000
"""Entries of a package."""
SHEETS = 200
"""Sheets of a workbook."""
MERGED = 100_000
"""Merged ranges of a sheet."""
LINE = 1_000_000
"""Characters of a CSV record."""
TEXT = 32_767
"""Characters of a cell, as many as a spreadsheet program takes; what is longer is cut behind them."""


class FileRefused(Exception):
    """A file cannot be imported; ``reason`` names its words, which ``details`` fill."""

    def __init__(self, reason: str, **details: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details
