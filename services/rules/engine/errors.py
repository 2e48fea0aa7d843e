"""What can be wrong with a policy or with facts: a stable code a failure, whose words stand in ``errors.yaml``.

A message says what happened, why, and what to write instead, in Chinese and in English; `place` points at file, line and column
(both from 1).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from shared.values.bilingual import Language
from shared.values.repeating import fit_to_repeat
from shared.values.words import words_in

LONGEST_ECHO = 80
"""Characters of a name or value from outside that a message repeats."""
_ECHOED = frozenset({"key", "name", "number", "value"})


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a policy file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class EngineError(Exception):
    """Base of all; `str()` is the English message, `message("zh")` the Chinese one."""

    file: ClassVar[Path] = Path(__file__).with_suffix(".yaml")

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.details = details
        super().__init__(self.message("en"))

    def message(self, language: Language) -> str:
        words = words_in(self.file)[self.code]
        shown = {
            name: shortened(str(detail)) if name in _ECHOED else detail
            for name, detail in self.details.items()
        }
        return fit_to_repeat((words.zh if language == "zh" else words.en).format(**shown))


def shortened(text: str) -> str:
    """The text in at most `LONGEST_ECHO` characters, with an ellipsis where it is cut."""
    return text if len(text) <= LONGEST_ECHO else f"{text[: LONGEST_ECHO - 1]}…"


class PolicyError(EngineError):
    """A policy file that is refused, with the place of the mistake."""

    def __init__(self, code: str, place: Place, **details: object) -> None:
        self.place = place
        super().__init__(code, **details)

    def __str__(self) -> str:
        return f"{self.place}: {super().__str__()}"

    def at(self, place: Place) -> Self:
        """The same failure at another place."""
        return type(self)(self.code, place, **self.details)
