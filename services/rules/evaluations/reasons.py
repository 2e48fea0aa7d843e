"""The short reason of an outcome, in both languages, from its explanation."""

from services.rules.engine import Explanation
from services.rules.engine.page import Page
from services.rules.evaluations.schemas import FactShown, RuleOutcome
from services.rules.words import InTwoLanguages
from shared.values.bilingual import Bilingual, Language

SEPARATORS = {"zh": "；", "en": "; "}
COMMAS = {"zh": "、", "en": ", "}
UNKNOWN = {
    "missing_facts": Bilingual("缺少 {names}", "not recorded: {names}"),
    "stale_facts": Bilingual("已过期 {names}", "out of date: {names}"),
    "later_facts": Bilingual(
        "日期晚于判定日 {names}", "of a later day than the one judged: {names}"
    ),
    "undated_facts": Bilingual("未注明日期 {names}", "without a date: {names}"),
    "undecided_parameters": Bilingual("参数未定 {names}", "no value decided for {names}"),
    "rules_not_in_force": Bilingual("未施行 {names}", "not in force: {names}"),
}


def rule_outcome(explanation: Explanation, rule: str) -> RuleOutcome:
    """Return a rule's outcome with its reason, citation, and the facts that it rests on."""
    zh, en = explanation.page("zh"), explanation.page("en")
    missing = zh.missing(rule)
    return RuleOutcome(
        rule=rule,
        outcome=zh.outcome(rule),
        title=InTwoLanguages(zh=zh.title(rule), en=en.title(rule)),
        reason=InTwoLanguages(zh=reason(zh, rule, "zh"), en=reason(en, rule, "en")),
        citation=zh.citation(rule),
        missing=missing["missing_facts"],
        stale=missing["stale_facts"],
        later=missing["later_facts"],
        undated=missing["undated_facts"],
        facts=[
            FactShown(
                name=one["name"],
                title=InTwoLanguages(zh=one["title"], en=other["title"]),
                value=one["value"],
                date=one["date"],
                recorded_by=one["recorded_by"],
            )
            for one, other in zip(zh.facts(rule), en.facts(rule), strict=True)
            if one["value"] is not None
        ],
    )


def reason(page: Page, rule: str, language: Language) -> str:
    """Return why a rule came out as it did: what is not known, or its comparisons."""
    parts = [
        UNKNOWN[kind].in_language(language).format(names=COMMAS[language].join(titles))
        for kind, titles in page.missing_titles(rule).items()
        if titles
    ]
    # Where all is known and the rule leaves its answer open even so, the comparisons say why.
    return SEPARATORS[language].join(parts or page.reasons(rule))
