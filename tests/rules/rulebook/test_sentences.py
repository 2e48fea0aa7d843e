"""Expressions as staff read them."""

from datetime import date

import pytest

from services.rules.engine.plan import resolve
from services.rules.rulebook.sentences import Sentences, truth_of
from services.rules.vocabulary import load_policy
from shared.values.bilingual import Bilingual
from tests.rules.engine.policies import condition, policy, value

AS_OF = date(2020, 10, 1)


def words(expression: str, division: str | None = None) -> Bilingual:
    made = policy(net=value("income - spending"), rule=condition(expression))
    resolution = resolve(made.plan("household"), AS_OF, division)
    [part] = made.rules["household.rule"].conditions
    sentences = Sentences(made, "household", resolution.parameters)
    return truth_of(part.node, sentences.of(part.node))


@pytest.mark.parametrize(
    ("expression", "zh", "en"),
    [
        ("ill", "患病为是", "ill"),
        ("NOT ill", "患病为否", "not ill"),
        ("ill AND NOT poor", "患病，且困难为否", "ill, and not poor"),
        ("ill OR poor AND ill", "患病，或（困难，且患病）", "ill, or (poor, and ill)"),
        ("(ill OR poor) AND ill", "（患病，或困难），且患病", "(ill, or poor), and ill"),
        ("NOT (ill OR poor)", "并非（患病，或困难）", "not (ill, or poor)"),
        ("income <> spending", "收入不等于支出", "income is not spending"),
        (
            "income >= size * :line",
            "收入不低于人口 × 线（8000.00元）",
            "income is at least size × line (8,000.00 yuan)",
        ),
        (
            "income - (spending - income) > spending + income - spending",
            "收入 − （支出 − 收入）高于支出 + 收入 − 支出",
            "income − (spending − income) is more than spending + income − spending",
        ),
        (
            "household.net < spending",
            "“规则”低于支出",
            "“rule” is less than spending",
        ),
        ("grade IN ('A', 'B')", "等级为好、差", "grade is good or bad"),
        (
            "per_capita(income, size) <= :line",
            "收入 ÷ 人口（精确到分，四舍五入）不高于线（8000.00元）",
            "income ÷ size (to the fen, half a fen up) is at most line (8,000.00 yuan)",
        ),
        (
            "days_between(born, moved) = :fresh",
            "自出生至迁入的天数等于时效（100天）",
            "the days from born to moved is fresh (100 days)",
        ),
        (
            "CASE WHEN ill THEN income WHEN poor THEN spending END >= income",
            "〔患病时取收入；困难时取支出〕不低于收入",
            "[income where ill; spending where poor] is at least income",
        ),
    ],
)
def test_words(expression: str, zh: str, en: str) -> None:
    assert words(expression) == (zh, en)


def test_a_value_that_nobody_has_decided_says_so() -> None:
    ningbo = "330200000000"
    assert "尚未确定" in words("income >= size * :line", ningbo).zh
    assert "not decided yet" in words("income >= size * :line", ningbo).en


def test_every_shipped_condition_has_words_of_its_own() -> None:
    shipped = load_policy()
    for rule in shipped.rules.values():
        resolution = resolve(shipped.plan(rule.subject), AS_OF, None)
        sentences = Sentences(shipped, rule.subject, resolution.parameters)
        for part in rule.conditions:
            found = sentences.of(part.node)
            assert found.zh.strip()
            assert found.en.strip()
            assert ":" not in found.zh, rule.name  # a parameter's bare name
