"""Whatever is written into a policy's files is read or refused by name and place; nothing else happens."""

import random
from collections.abc import Mapping

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.engine import PolicyError
from services.rules.vocabulary import BUILT_IN, build_policy, read_cases, read_files
from shared.testing.depth import tries
from tests.rules.engine.policies import condition, files, value

WORDS = """
income spending size poor ill grade born moved vast nobody household.other a.b.c :line :nobody 'A' 'Z' ''
0 1 999 1000000000000 1.5 1e9 0x10 + - * / % ( ) , . : ; = == <> != < <= > >= AND OR NOT IN CASE WHEN THEN ELSE
END TRUE FALSE NULL IS BETWEEN LIKE SELECT FROM EXISTS CAST INTERVAL DATE COALESCE per_capita days_between
-- /* */ [ ] { } \\ ' " ` @ $ ? | || & ^ ~ :: ->
"""
TOKENS = [*WORDS.split(), "\n", "\u200b", "\uff49"]
GOOD = files(other=value("income"), rule=condition("ill"))
SHIPPED = read_files(BUILT_IN)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
)


def refusal(texts: Mapping[str, str]) -> PolicyError | None:
    """How the files are refused, if they are; any other exception is the test's failure."""
    try:
        read_cases(build_policy(texts), texts)
    except PolicyError as error:
        return error
    return None


def assert_speaks(error: PolicyError | None, texts: Mapping[str, str]) -> None:
    if error is not None:
        lines = texts[error.place.file].count("\n") + 2
        assert 1 <= error.place.line <= lines
        assert error.place.column >= 1
        assert error.message("zh")
        assert error.message("en")


@given(
    st.lists(st.sampled_from(TOKENS), max_size=40).map(" ".join)
    | st.lists(st.sampled_from(TOKENS), max_size=40).map("".join)
    | st.text(max_size=60)
)
@settings(max_examples=tries(100), deadline=None)
def test_any_expression_is_read_or_refused(expression: str) -> None:
    texts = files(other=value("income"), rule=condition(expression))
    assert_speaks(refusal(texts), texts)


@given(st.randoms(use_true_random=False))
@settings(max_examples=tries(20), deadline=None)
def test_a_shipped_file_with_a_slip_is_read_or_refused(chance: random.Random) -> None:
    name = chance.choice(sorted(SHIPPED))
    texts = {**SHIPPED, name: slipped(SHIPPED[name], chance)}
    assert_speaks(refusal(texts), texts)


def slipped(text: str, chance: random.Random) -> str:
    """The text with a few characters lost, doubled, swapped or replaced."""
    for _ in range(chance.randint(1, 4)):
        start = chance.randrange(len(text))
        end = min(len(text), start + chance.choice([1, 1, 2, 5, 40]))
        piece = text[start:end]
        instead = chance.choice(["", piece * 2, piece[::-1], chance.choice(TOKENS), "\t", "9"])
        text = text[:start] + instead + text[end:]
    return text


@given(DOCUMENTS, st.sampled_from(sorted(GOOD)))
@settings(max_examples=tries(150), deadline=None)
def test_any_document_in_place_of_a_file_is_read_or_refused(document: object, name: str) -> None:
    texts = {**GOOD, name: yaml.safe_dump(document, allow_unicode=True)}
    assert_speaks(refusal(texts), texts)
