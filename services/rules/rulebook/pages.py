"""The rulebook as pages and as a workbook, in Chinese."""

import io
from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
import xlsxwriter

from services.rules.engine.declarations import SOURCES
from services.rules.rulebook.schemas import CitationShown, Differences, Rulebook, RuleSheet

SAME_AS_EVER = datetime(2020, 1, 1, tzinfo=UTC)
"""Stands as the time of making, so that the same rulebook is the same bytes, and has one ETag."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FAMILIES = {
    "zero_out": "清零",
    "eligibility": "救助资格",
    "risk": "返贫风险",
    "quality": "数据质量",
}
OUTCOMES = {"met": "达标", "not_met": "未达标", "undetermined": "待判定"}
KINDS = {
    "rule": "规则",
    "condition": "条件",
    "parameter": "参数",
    "value": "参数值",
    "fact": "事实",
}
COLUMNS: Mapping[str, int] = {
    "规则编号": 34,
    "类别": 10,
    "对象": 10,
    "名称": 40,
    "含义": 80,
    "当日有效的参数": 60,
    "依据": 40,
    "有效期起": 12,
    "有效期止": 12,
    "案例数": 8,
}


def rule_page(rule: RuleSheet, release: str, as_of: date, division: str | None) -> str:
    """Return one rule as an HTML page."""
    asked = {"as_of": as_of.isoformat()} | ({"division": division} if division else {})
    return _page(
        "rule.html",
        rule=rule,
        release=release,
        as_of=as_of,
        division=division,
        address=f"{{}}?{urlencode(asked)}",
    )


def rulebook_page(book: Rulebook) -> str:
    """Return a release's rules as an HTML page: the table, then every rule's sheet."""
    return _page("rulebook.html", book=book, release=book.release, address="#{}")


def differences_page(found: Differences) -> str:
    """Return the differences between two releases as an HTML page."""
    return _page("differences.html", found=found, release=found.release, kinds=KINDS)


def rulebook_workbook(book: Rulebook) -> bytes:
    """Return a release's rules as an .xlsx table, a row a rule."""
    content = io.BytesIO()
    # Text stays text: nothing of a policy becomes a formula or a link.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as workbook:
        workbook.set_properties({"created": SAME_AS_EVER})
        heading = workbook.add_format({"bold": True, "bg_color": "#F4EFE6", "border": 1})
        cell = workbook.add_format({"text_wrap": True, "valign": "top", "border": 1})
        sheet = workbook.add_worksheet("规则")
        sheet.freeze_panes(1, 1)
        for column, (title, width) in enumerate(COLUMNS.items()):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, heading)
        for row, rule in enumerate(book.rules, start=1):
            for column, value in enumerate(_cells(rule)):
                sheet.write(row, column, value, cell)
    return content.getvalue()


def _cells(rule: RuleSheet) -> list[str | int]:
    return [
        rule.rule,
        FAMILIES.get(rule.family, rule.family),
        rule.subject,
        rule.title.zh,
        rule.sentence.zh,
        "\n".join(
            f"{parameter.title.zh}：{parameter.words.zh}"
            + ("（示例值）" if parameter.illustrative else "")
            for parameter in rule.parameters
        ),
        _cited(rule.citation),
        rule.in_force_from.isoformat(),
        "" if rule.in_force_to is None else rule.in_force_to.isoformat(),
        len(rule.cases),
    ]


def _cited(citation: CitationShown) -> str:
    return f"{citation.document} {citation.article}（{SOURCES[citation.source].zh}）"


def _page(template: str, **context: Any) -> str:
    return (
        _templates()
        .get_template(template)
        .render(
            families=FAMILIES,
            outcomes=OUTCOMES,
            sources={source: words.zh for source, words in SOURCES.items()},
            **context,
        )
    )


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
