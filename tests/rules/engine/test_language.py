"""Everything outside the language is refused, with a stable code, the place, and what to write instead."""

import pytest

from services.rules.engine import PolicyError
from tests.rules.engine.policies import condition, policy, value

FIRST = (9, 7)  # line and column of an expression's first character in these files


@pytest.mark.parametrize(
    ("expression", "code", "offset"),
    [
        ("income / size >= income", "expression-construct", 7),
        ("income // size >= income", "expression-construct", 7),
        ("income % size >= income", "expression-construct", 7),
        ("COALESCE(income, 0) >= income", "expression-construct", 0),
        ("GREATEST(income, spending) >= income", "expression-construct", 0),
        ("income IS NULL", "expression-construct", 7),
        ("income BETWEEN 0 AND 0", "expression-construct", 7),
        ("grade NOT IN ('A')", "expression-construct", 6),
        ("grade IN (SELECT grade)", "expression-construct", 10),
        ("grade IN ()", "expression-construct", 0),
        ("grade IN (grade)", "expression-construct", 10),
        ("CASE WHEN ill THEN poor ELSE ill END", "expression-construct", 24),
        ("CASE ill WHEN poor THEN ill END", "expression-construct", 0),
        ("income == income", "expression-construct", 7),
        ("income >= -spending", "expression-construct", 11),
        ("income >= ?", "expression-construct", 10),
        ("income >= @line", "expression-construct", 10),
        ("income::text = 'A'", "expression-construct", 6),
        ("CAST(income AS int) >= income", "expression-construct", 12),
        ("born >= CURRENT_DATE", "expression-construct", 8),
        ("born >= now()", "expression-construct", 8),
        ("ill poor", "expression-construct", 0),
        ('"ill"', "expression-construct", 0),
        ("'A' = grade", "expression-construct", 0),
        ("(ill, poor)", "expression-construct", 1),
        ("per_capita(income) >= income", "expression-construct", 0),
        ("$ill", "expression-construct", 0),
        ("ill; poor", "expression-statement", 3),
        ("ill -- always", "expression-comment", 4),
        ("ill /* always */", "expression-comment", 4),
        ("income ≥ spending", "expression-character", 7),
        ("іll", "expression-character", 0),
        ("income >= spending\u200b", "expression-character", 18),
        ("income >= 1.5", "expression-number", 10),
        ("income >= 1e4", "expression-number", 10),
        ("income >= 9999999999999", "expression-number", 10),
        ("ill AND", "expression-syntax", 6),
        ("ill AND (poor", "expression-syntax", 12),
        ("ill)", "expression-syntax", 3),
        ("incom >= spending", "unknown-fact", 0),
        ("income >= :lime", "unknown-parameter", 10),
        ("household.inc", "unknown-rule", 0),
        ("a.b.c", "unknown-rule", 0),
        ("grade = 'C'", "unknown-code", 8),
        ("income", "type-mismatch", 0),
        ("ill + poor >= income", "type-mismatch", 0),
        ("ill = poor", "type-mismatch", 0),
        ("income >= born", "type-mismatch", 10),
        ("income AND ill", "type-mismatch", 0),
        ("grade > 'A'", "type-mismatch", 8),
        ("income < spending < income", "type-mismatch", 0),
        ("days_between(income, born) >= 0", "type-mismatch", 13),
        ("CASE WHEN ill THEN income END", "type-mismatch", 0),
        ("income + size >= income", "unit-mismatch", 9),
        ("income >= size", "unit-mismatch", 10),
        ("income >= 8000", "unit-mismatch", 10),
        ("income >= :line", "unit-mismatch", 10),
        ("CASE WHEN ill THEN income WHEN poor THEN size END >= income", "unit-mismatch", 41),
        ("per_capita(income, income) >= :line", "unit-mismatch", 19),
        ("per_capita(income, size - size) >= :line", "divisor-may-be-zero", 19),
        ("vast * 11 >= vast", "range-too-wide", 0),
        ("vast * vast >= vast", "range-too-wide", 0),
        ("old >= size", "expression-at-least", 0),
        ("size > old", "expression-at-least", 7),
        ("old < size", "expression-at-least", 0),
        ("old = size", "expression-at-least", 0),
        ("old + size > size", "expression-at-least", 0),
        ("per_capita(income, size) * old >= income", "expression-at-least", 27),
        ("zero_if_unrecorded(old, ill) = 0", "expression-at-least", 19),
        ("CASE WHEN ill THEN old END > 0", "expression-at-least", 19),
    ],
)
def test_refused_at_its_place(expression: str, code: str, offset: int) -> None:
    with pytest.raises(PolicyError) as failure:
        policy(rule=condition(expression))
    error = failure.value
    assert error.code == code, str(error)
    line, column = FIRST
    assert (error.place.file, error.place.line) == ("rules/rule.yaml", line)
    assert error.place.column == column + offset, str(error)
    assert "{" not in error.message("zh") + error.message("en")


def test_a_mistake_on_a_later_line_is_found_there() -> None:
    with pytest.raises(PolicyError) as failure:
        policy(rule=condition("ill\nAND income / size >= income"))
    assert (failure.value.place.line, failure.value.place.column) == (10, 7 + 11)


@pytest.mark.parametrize(
    ("expression", "code"),
    [
        ("(" * 1000 + "ill" + ")" * 1000, "expression-too-long"),
        ("(" * 30 + "ill" + ")" * 30, "expression-too-deep"),
        ("NOT " * 100 + "ill", "expression-too-deep"),
        ("CASE WHEN " * 30 + "ill", "expression-too-deep"),
        (" OR ".join(["ill"] * 10_000), "expression-too-long"),
        (" + ".join(["income"] * 10_000) + " >= income", "expression-too-long"),
        ("grade IN (" + ", ".join(["'A'"] * 1_000) + ")", "expression-too-long"),
    ],
)
def test_monstrous_expressions_are_refused_before_they_are_parsed(
    expression: str, code: str
) -> None:
    with pytest.raises(PolicyError) as failure:
        policy(rule=condition(expression))
    assert failure.value.code == code


def test_the_longest_expression_allowed_is_read() -> None:
    policy(rule=condition(" + ".join(["income"] * 120) + " >= income"))
    policy(rule=condition(" OR ".join(["ill"] * 120)))


def test_rules_in_a_circle_are_refused() -> None:
    with pytest.raises(PolicyError) as failure:
        policy(a=condition("household.b"), b=condition("household.c"), c=condition("household.a"))
    assert failure.value.code == "rule-cycle"
    assert failure.value.details["cycle"].count("→") == 3  # type: ignore[attr-defined]


def test_a_unit_is_checked_through_a_rule() -> None:
    with pytest.raises(PolicyError) as failure:
        policy(net=value("income - spending"), rule=condition("household.net >= size"))
    assert failure.value.code == "unit-mismatch"


def test_a_near_name_is_suggested() -> None:
    with pytest.raises(PolicyError, match="did you mean spending"):
        policy(rule=condition("spendin >= income"))
