"""The short reason of an outcome, in both languages, from its explanation."""

from typing import Any

from services.rules.engine import Explanation
from services.rules.evaluations.schemas import FactShown, RuleOutcome

SEPARATORS = {"zh": "；", "en": "; "}
MISSING = {"zh": "缺少 {names}", "en": "not recorded: {names}"}
STALE = {"zh": "已过期 {names}", "en": "out of date: {names}"}
UNDECIDED = {"zh": "参数未定 {names}", "en": "no value decided for {names}"}


def rule_outcome(explanation: Explanation, rule: str) -> RuleOutcome:
    """Return a rule's outcome with its reason, citation, and the facts that it rests on."""
    zh = explanation.render_rule(rule, "zh")
    en = explanation.render_rule(rule, "en")
    return RuleOutcome(
        rule=rule,
        outcome=zh["outcome"],
        title={"zh": zh["title"], "en": en["title"]},
        reason={"zh": reason(zh, "zh"), "en": reason(en, "en")},
        citation=zh["citation"],
        missing=zh["missing_facts"],
        stale=zh["stale_facts"],
        facts=[
            FactShown(
                name=one["name"],
                title={"zh": one["title"], "en": other["title"]},
                value=one["value"],
                date=one["date"],
                recorded_by=one["recorded_by"],
            )
            for one, other in zip(zh["facts"], en["facts"], strict=True)
            if one["value"] is not None
        ],
    )


def reason(rendered: dict[str, Any], language: str) -> str:
    """Return why a rendered rule came out as it did: its comparisons, or what is not known."""
    separator = SEPARATORS[language]
    if rendered["outcome"] == "undetermined":
        return separator.join(_unknown(rendered, language))
    parts = []
    for condition in rendered["conditions"]:
        if condition["outcome"] != rendered["outcome"]:
            continue
        texts = [comparison["text"] for comparison in condition["comparisons"]]
        parts.append(separator.join(texts) or condition["title"])
    return separator.join(parts)


def _unknown(rendered: dict[str, Any], language: str) -> list[str]:
    titles = {fact["name"]: fact["title"] for fact in rendered["facts"]}
    titles |= {parameter["name"]: parameter["title"] for parameter in rendered["parameters"]}
    comma = "、" if language == "zh" else ", "
    parts = []
    for words, names in (
        (MISSING, rendered["missing_facts"]),
        (STALE, rendered["stale_facts"]),
        (UNDECIDED, rendered["undecided_parameters"]),
    ):
        if names:
            shown = comma.join(titles.get(name, name) for name in names)
            parts.append(words[language].format(names=shown))
    # A rule made of other rules knows no facts itself: its unknown parts are named instead.
    return parts or [
        condition["title"]
        for condition in rendered["conditions"]
        if condition["outcome"] == "undetermined"
    ]
