"""Words as rules answers them."""

from typing_extensions import TypedDict


class InTwoLanguages(TypedDict):
    """The same words in Chinese and English."""

    zh: str
    en: str
