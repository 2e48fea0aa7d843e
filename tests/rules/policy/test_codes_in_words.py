"""No code stands in a sentence: every value of every list is read by its label, in both languages."""

import re
from enum import StrEnum
from typing import Any

import pytest

from services.monitoring.zero_outs.domain import STATES as ITEM_STATES
from services.monitoring.zero_outs.domain import ItemState
from services.rules.engine import FactValue, tree
from services.rules.engine.changes import Change
from services.rules.engine.declarations import SOURCES, Source
from services.rules.engine.units import UNITS, YES_OR_NO, Kind, unit_in_words
from services.rules.evaluations.reasons import rule_outcome
from services.rules.releases.domain import STATES as RELEASE_STATES
from services.rules.releases.domain import ReleaseState
from services.rules.rulebook.differences import differences
from services.rules.rulebook.sentences import Sentences
from services.rules.vocabulary import BUILT_IN, build_policy, read_files
from services.rules.vocabulary.policy import CASES
from shared.jobs.tables import STATES as JOB_STATES
from shared.jobs.tables import JobState
from shared.values.bilingual import Bilingual, Language
from tests.rules.policy.rows import AS_OF, DIVISION

MARK = "zz_"
"""What no word of any language holds: put before every code, it shows wherever a code leaks."""
WRITTEN = r"[〔\[][^〔〕\[\]]*'[^〔〕\[\]]*[〕\]]"
"""An expression beside its words, as it is written: it has quotes."""
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def marked(text: str) -> str:
    """A file of the policy with every code of the dictionary written with the mark."""
    return re.sub(
        r"\{code: (?=\w)", rf"{{code: {MARK}", re.sub(r"'(?=\w+'[,)\s])", f"'{MARK}", text)
    )


FILES = {
    name: marked(text) if name.startswith(("facts/", "rules/")) else text
    for name, text in read_files(BUILT_IN).items()
    if not name.endswith(CASES)
}
POLICY = build_policy(FILES)
CODED = [
    (subject, fact.name, code)
    for subject, facts in POLICY.facts.items()
    for fact in facts.values()
    if fact.type.kind is Kind.CODE
    for code in fact.type.codes
]


def said(answer: Any, name: str = "") -> list[str]:
    """Return every text that somebody reads."""
    match answer:
        case str() if name in ("text", "title", "reason", "zh", "en"):
            return [answer]
        case dict():
            return [text for key, part in answer.items() for text in said(part, key)]
        case list():
            return [text for part in answer for text in said(part, name)]
    return []


@pytest.mark.parametrize(("subject", "fact", "code"), CODED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_explanations_changes_and_reasons_say_labels(
    subject: str, fact: str, code: str, language: Language
) -> None:
    declared = POLICY.facts[subject][fact]
    label = dict(declared.code_titles)[code].in_language(language)
    explanation = POLICY.ruleset(subject, AS_OF, DIVISION).explain({fact: FactValue(code, AS_OF)})
    plan, words = POLICY.plan(subject), POLICY.words[subject][language]
    assert code.startswith(MARK)
    using = [rule.name for rule in plan.rules if rule.decides and fact in plan.facts_of(rule.node)]
    texts = [text for rule in using for text in said(explanation.render_rule(rule, language))]
    texts += [rule_outcome(explanation, rule)["reason"][language] for rule in using]
    if fact in plan.fact_named:
        texts.append(words.change(Change(declared, code, declared.type.codes))["text"])
    assert texts
    assert MARK not in "\n".join(texts)
    if any(
        isinstance(part, tree.Membership) and fact in plan.facts_of(part)
        for rule in using
        for part in tree.walk(POLICY.rules[rule].node)
    ):
        assert any(label in text for text in texts)


@pytest.mark.parametrize("rule", list(POLICY.rules))
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_rulebook_says_labels(rule: str, language: Language) -> None:
    declared = POLICY.rules[rule]
    sentences = Sentences(POLICY, declared.subject, {})
    assert MARK not in sentences.of(declared.node).in_language(language)


def test_differences_say_labels() -> None:
    """Between policies whose lists, sources, units and conditions all differ."""
    other = build_policy(
        {
            name: re.sub(r"title: \{zh: ", "title: {zh: 新", text).replace(
                "source: law", "source: unverified"
            )
            for name, text in FILES.items()
        }
    )
    found = differences(POLICY, other)
    assert {difference.what for difference in found} >= {"codes", "citation", "title"}
    for difference in found:
        for side in (difference.before, difference.after):
            for language in LANGUAGES:
                said = "" if side is None else getattr(side, language)
                text = re.sub(WRITTEN, "", said)
                assert MARK not in text
                assert not re.search(r"[(（](policy|law|notice|unverified)[)）]", text), text


LISTS: list[tuple[type[StrEnum], Any]] = [
    (ReleaseState, RELEASE_STATES),
    (JobState, JOB_STATES),
    (ItemState, ITEM_STATES),
    (Source, SOURCES),
]


@pytest.mark.parametrize(("codes", "words"), LISTS, ids=lambda one: getattr(one, "__name__", ""))
def test_every_state_has_words(codes: type[StrEnum], words: dict[str, Bilingual]) -> None:
    assert set(words) == set(codes)
    for code, label in words.items():
        assert not label.zh.isascii()
        assert "_" not in label.en
        assert code not in label.zh


def test_every_unit_has_words() -> None:
    for name in (*UNITS, YES_OR_NO):
        assert unit_in_words(name).zh
        assert unit_in_words(name).en
