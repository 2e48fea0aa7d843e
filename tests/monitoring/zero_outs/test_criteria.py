"""The criteria that items are kept for, held against the policy that judges them."""

from datetime import date

from services.monitoring.zero_outs.criteria import criteria, followed_on
from services.rules.vocabulary import load_policy
from tests.monitoring.fakes import VILLAGE

DAY = date(2020, 10, 1)


def test_every_criterion_is_a_rule_of_its_subject() -> None:
    policy = load_policy()
    for rule, criterion in criteria().items():
        explained = policy.ruleset(criterion.subject, DAY, VILLAGE).explain({})
        assert rule in explained.outcomes


def test_every_criterion_has_its_words_and_its_source() -> None:
    for criterion in criteria().values():
        assert all(criterion.title[language].strip() for language in ("zh", "en"))
        assert criterion.citation
        assert criterion.rule.startswith(f"{criterion.subject}.")


def test_criteria_are_followed_from_their_day_on() -> None:
    assert len(followed_on(DAY)) == 8
    assert followed_on(date(2019, 12, 31)) == frozenset()
