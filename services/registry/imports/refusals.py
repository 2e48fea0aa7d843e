"""Why a cell or a row of an import is refused."""

from pathlib import Path

from shared.clock import china_date
from shared.values.refusal import WordedRefusal
from shared.web.row_pages import Row


class RowRefusal(WordedRefusal):
    """One of the reasons in ``refusals.yaml``."""

    file = Path(__file__).with_suffix(".yaml")


VOIDED = "record-voided"


def voided_before(voided: Row) -> RowRefusal:
    """Return the refusal of a row that says again what was voided."""
    return RowRefusal(
        VOIDED,
        recorded=str(voided["id"]),
        day=china_date(voided["voided_at"]).isoformat(),
        why=voided["void_reason"],
    )
