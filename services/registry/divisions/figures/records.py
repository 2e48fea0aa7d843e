"""The kind of record that this feature keeps."""

from services.registry.divisions.figures.schemas import division_figure_state
from services.registry.divisions.tables import DivisionFigureRow
from shared.journal.records import RecordKind
from shared.values.bilingual import Bilingual

DIVISION_FIGURE = RecordKind(
    "registry",
    "division_figure",
    Bilingual("区划年度指标", "division figure"),
    DivisionFigureRow,
    division_figure_state,
    division="division",
)
