"""Words as rules answers them."""

from typing_extensions import TypedDict

from shared.values.bilingual import Bilingual


class InTwoLanguages(TypedDict):
    """The same words in Chinese and English."""

    zh: str
    en: str


def in_two_languages(words: Bilingual) -> InTwoLanguages:
    """Return words as they are answered."""
    return {"zh": words.zh, "en": words.en}
