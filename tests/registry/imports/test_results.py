"""What became of the data of an import, told by its rows."""

import pytest

from services.registry.imports.columns import SHEETS, SheetName
from services.registry.imports.outcomes import ImportResult, Mode, result_of

EACH, ALL = Mode.EACH_ROW, Mode.ALL_OR_NOTHING


@pytest.mark.parametrize(
    ("mode", "dry_run", "counts", "result"),
    [
        (ALL, False, {"created": 2}, ImportResult.WRITTEN),
        (ALL, False, {"updated": 1, "unchanged": 3}, ImportResult.WRITTEN),
        (ALL, False, {"unchanged": 3}, ImportResult.NOTHING_TO_WRITE),
        (ALL, False, {"failed": 1, "skipped": 3}, ImportResult.REFUSED),
        (EACH, False, {"failed": 1, "created": 3}, ImportResult.WRITTEN),
        (EACH, False, {"failed": 4}, ImportResult.REFUSED),
        (EACH, False, {"failed": 1, "unchanged": 3}, ImportResult.REFUSED),
        (ALL, True, {"created": 2}, ImportResult.DRY_RUN_PASSED),
        (ALL, True, {"unchanged": 2}, ImportResult.DRY_RUN_PASSED),
        (ALL, True, {"created": 2, "failed": 1}, ImportResult.DRY_RUN_REFUSED),
        (EACH, True, {"created": 2, "failed": 1}, ImportResult.DRY_RUN_PASSED),
        (EACH, True, {"failed": 1}, ImportResult.DRY_RUN_REFUSED),
    ],
)
def test_results(mode: Mode, dry_run: bool, counts: dict[str, int], result: ImportResult) -> None:
    said = result_of(mode, dry_run=dry_run, refused=False, counts={"农户": counts})
    assert said is result


def test_a_file_that_cannot_be_read_is_refused() -> None:
    assert result_of(ALL, dry_run=False, refused=True, counts={}) is ImportResult.REFUSED
    assert result_of(ALL, dry_run=True, refused=True, counts={}) is ImportResult.DRY_RUN_REFUSED


def test_outcomes_on_record_keep_their_sheets() -> None:
    # They are kept by the place of the sheet: a new one stands last, whatever the order of kinds.
    names = [
        "农户",
        "成员",
        "收入",
        "吃",
        "穿",
        "义务教育",
        "基本医疗",
        "住房安全",
        "饮水安全",
        "家庭状况",
    ]
    assert [sheet.name for sheet in SHEETS] == [*SheetName]
    assert [*SheetName][: len(names)] == names
