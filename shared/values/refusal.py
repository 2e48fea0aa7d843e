"""How a value is refused: one class a reason, with a stable code and words in two languages."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

from pydantic_core import PydanticCustomError

from shared.values.bilingual import Bilingual
from shared.values.repeating import fit_to_repeat

T = TypeVar("T")


class InvalidValue(ValueError):
    """Base of every refusal: what is wrong with the value, and what to write instead.

    ``template`` names its details in braces. Details never hold personal data, since messages
    reach logs: numbers of persons are masked in them, whoever wrote them.
    """

    code: ClassVar[str]
    template: ClassVar[Bilingual]

    def __init__(self, **details: str | int) -> None:
        self.details = {
            name: fit_to_repeat(value) if isinstance(value, str) else value
            for name, value in details.items()
        }
        super().__init__(self.message.en)

    @property
    def message(self) -> Bilingual:
        """The whole sentence in both languages."""
        return Bilingual(
            self.template.zh.format_map(self.details),
            self.template.en.format_map(self.details),
        )

    def as_pydantic(self) -> PydanticCustomError:
        """Return the error for pydantic to report.

        Its type is the code in snake case, its message English, and its context holds the details
        and, as ``zh``, the Chinese template.
        """
        return PydanticCustomError(
            self.code.replace("-", "_"),
            self.template.en,
            {**self.details, "zh": self.template.zh},
        )


def refusing(parse: Callable[[Any], T]) -> Callable[[Any], T]:
    """Return a validator for pydantic that reports a parser's ``InvalidValue`` as such."""

    def validate(value: Any) -> T:
        try:
            return parse(value)
        except InvalidValue as refusal:
            raise refusal.as_pydantic() from refusal

    return validate
