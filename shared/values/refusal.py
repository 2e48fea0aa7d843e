"""How a value is refused: a reason with a stable code and words in two languages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from pydantic_core import PydanticCustomError

from shared.values.bilingual import Bilingual
from shared.values.repeating import fit_to_repeat
from shared.values.words import words_in

T = TypeVar("T")


class InvalidValue(ValueError):
    """Base of every refusal: what is wrong with the value, and what to write instead.

    ``template`` names its details in braces. Details never hold personal data, since messages
    reach logs: numbers of persons are masked in them, whoever wrote them.
    """

    code: str
    template: Bilingual
    cell_template: Bilingual | None = None
    """The words for who fills in a sheet, where those of the wire name what sheets have not."""

    def __init__(self, **details: str | int) -> None:
        self.details = {
            name: fit_to_repeat(value) if isinstance(value, str) else value
            for name, value in details.items()
        }
        super().__init__(self.message.en)

    @property
    def message(self) -> Bilingual:
        """The whole sentence in both languages."""
        return self._filled(self.template)

    @property
    def cell_message(self) -> Bilingual:
        """The whole sentence for who fills in a sheet."""
        return self._filled(self.cell_template or self.template)

    def _filled(self, template: Bilingual) -> Bilingual:
        return Bilingual(
            template.zh.format_map(self.details),
            template.en.format_map(self.details),
        )

    def as_pydantic(self) -> PydanticCustomError:
        """Return the error for pydantic to report.

        Its type is the code in snake case, its message English, and its context holds the details,
        as ``zh`` the Chinese template, and as ``cell_zh`` and ``cell_en`` those for sheets.
        """
        words = {"zh": self.template.zh}
        if self.cell_template is not None:
            words |= {"cell_zh": self.cell_template.zh, "cell_en": self.cell_template.en}
        return PydanticCustomError(
            self.code.replace("-", "_"), self.template.en, {**self.details, **words}
        )


class WordedRefusal(InvalidValue):
    """Base of a family of refusals that differ only in their words, which stand in its ``file``."""

    file: ClassVar[Path]

    def __init__(self, reason: str, **details: str | int) -> None:
        words = words_in(self.file)[reason]
        self.reason = reason
        self.code, self.template = words.code or reason, Bilingual(words.zh, words.en)
        self.cell_template = words.cell
        super().__init__(**details)


def refusing(parse: Callable[[Any], T]) -> Callable[[Any], T]:
    """Return a validator for pydantic that reports a parser's ``InvalidValue`` as such."""

    def validate(value: Any) -> T:
        try:
            return parse(value)
        except InvalidValue as refusal:
            raise refusal.as_pydantic() from refusal

    return validate
