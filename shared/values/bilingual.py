"""Text in the two languages of every message and title."""

from typing import Literal, NamedTuple

Language = Literal["zh", "en"]


class Bilingual(NamedTuple):
    """The same sentence in Chinese and English."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        """Return the sentence in the language asked for."""
        return self.zh if language == "zh" else self.en
