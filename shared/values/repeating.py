"""What somebody sent, made fit to be repeated in a message, a log or an outcome.

Everything that repeats a caller's text passes here: numbers of persons are masked wherever they
stand, what cannot be printed is named, and what is long is cut.
"""

from typing import Any

from shared.values.bilingual import Bilingual
from shared.values.characters import code_point, is_invisible
from shared.values.personal_numbers import masked_numbers

MOST = 60
_LONGEST_NUMBER = 100


def repeated(value: object, most: int = MOST) -> str:
    """Return a text as it may be repeated, at most ``most`` characters of it and … behind.

    A value that is no text is shown as it would be written.
    """
    text = value if isinstance(value, str) else str(value)
    cut = fit_to_repeat(text[: most + _LONGEST_NUMBER])
    return cut if len(cut) <= most else f"{cut[:most]}…"


def fit_to_repeat(text: str) -> str:
    """Return the whole of a text with personal numbers masked and invisible characters named.

    A character that cannot be seen stands as ``[U+200B]``; line breaks and tabs stay.
    """
    shown = masked_numbers(text)
    if shown.isprintable():
        return shown
    return "".join(map(_visible, shown))


def text_to_repeat(text: str | None) -> str | None:
    """Return a text that may be missing, fit to repeat."""
    return None if text is None else fit_to_repeat(text)


def sentence_to_repeat(sentence: Bilingual) -> Bilingual:
    """Return a sentence whose words in both languages are fit to repeat."""
    return Bilingual(fit_to_repeat(sentence.zh), fit_to_repeat(sentence.en))


def content_to_repeat(content: Any) -> Any:
    """Return JSON content, every text of which, names of members included, is fit to repeat."""
    match content:
        case str():
            return fit_to_repeat(content)
        case dict():
            return {
                content_to_repeat(name): content_to_repeat(each) for name, each in content.items()
            }
        case list() | tuple():
            return [content_to_repeat(each) for each in content]
        case _:
            return content


def _visible(character: str) -> str:
    if character in "\n\t" or not is_invisible(character):
        return character
    return f"[{code_point(character)}]"
