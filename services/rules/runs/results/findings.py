"""What the population checks found, in words."""

from typing import Any

from services.rules.runs.parts.checks import Check
from services.rules.runs.schemas import RunFinding
from services.rules.runs.tables import RunFindingRow
from shared.values.money import Fen, format_fen

MONEY = frozenset({"line", "band", "total_income", "one_off_income"})
WORDS = {
    Check.PILE_UP: {
        "zh": "有 {households} 户人均收入落在收入线 {line} 元之上 {band} 元以内，下方、上方相邻区间为 {below} 户、{above} 户",
        "en": "{households} households have incomes per head within {band} yuan above the line of "
        "{line} yuan, against {below} and {above} in the neighbouring bands",
    },
    Check.IDENTICAL_INCOMES: {
        "zh": "有 {households} 户的各项收入完全相同",
        "en": "{households} households have the same income lines to the fen",
    },
    Check.INCOME_JUMP: {
        "zh": "自 {since} 以来有 {households} 户人均稳定收入增幅超过 {percent}%"
        "（原为零或亏损的，按其绝对值计）",
        "en": "the stable income per head of {households} households has grown by more than "
        "{percent} % since {since} (of its absolute value where it was zero or a loss)",
    },
    Check.ONE_OFF_VILLAGE: {
        "zh": "该村本年总收入 {total_income} 元，扣除一次性收入 {one_off_income} 元后不达标",
        "en": "the village's income of {total_income} yuan falls below the line without the one-off "
        "receipts of {one_off_income} yuan",
    },
}
WHAT_TO_DO = {
    "zh": "；应由记录人以外的人员核查，不得据此拒绝救助。",
    "en": "; somebody other than the recorder should check; it is no reason to refuse aid.",
}


def finding(row: RunFindingRow) -> RunFinding:
    """Return the wire form of a finding: money in yuan, and words in both languages."""
    check = Check(row.check)
    figures = {name: _shown(name, value) for name, value in row.figures.items()}
    zh, en = (
        WORDS[check][tongue].format(**figures) + WHAT_TO_DO[tongue] for tongue in ("zh", "en")
    )
    return RunFinding(
        id=row.id,
        check=check,
        division=row.division,
        figures=figures,
        subjects=row.subjects,
        words={"zh": zh, "en": en},
    )


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {line: None if fen is None else format_fen(Fen(fen)) for line, fen in value.items()}
    return format_fen(Fen(value)) if name in MONEY and value is not None else value
