"""Records that use codes: of each list those that are in force on the day of the record."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any, ClassVar, Self, get_args

from pydantic import BaseModel, ValidationError, ValidationInfo, model_validator
from pydantic_core import InitErrorDetails

from services.registry.vocabulary.code import CodeFrom, code_list
from services.registry.vocabulary.refusals import CodeRefusal
from shared.values.text import HeldTexts
from shared.web.wire import WireModel

Path = tuple[str | int, ...]


class CodedContent(WireModel):
    """What is recorded, with its codes; a code that an amendment leaves as it is stays.

    ``lasting`` says that the record goes on saying what is so: a code that is changed later is used
    on the day of the amendment, not on that of the record.
    """

    lasting: ClassVar[bool] = False

    def code_day(self, member: str) -> date:
        """Return the day on which the code in a member is used: the day of the record."""
        raise NotImplementedError

    @model_validator(mode="after")
    def _codes_are_in_force(self, info: ValidationInfo) -> Self:
        recorded = info.context if isinstance(info.context, HeldTexts) else None
        errors = []
        for path, list_name, code in _codes(self):
            if recorded is not None and recorded.holds(_member(path), code):
                continue
            today = recorded.today if recorded is not None and self.lasting else None
            try:
                code_list(list_name).require_usable(code, today or self.code_day(str(path[0])))
            except CodeRefusal as refusal:
                errors.append(InitErrorDetails(type=refusal.as_pydantic(), loc=path, input=code))
        if errors:
            raise ValidationError.from_exception_data(type(self).__name__, errors)
        return self


def _codes(content: BaseModel, within: Path = ()) -> Iterator[tuple[Path, str, str]]:
    """Yield (path, name of its list, code) of each code whose list has dated ones."""
    for member, list_name in _members(type(content)):
        value = getattr(content, member)
        for path, each in _each(value, (*within, member)):
            if isinstance(each, BaseModel):
                yield from _codes(each, path)
            elif list_name and each is not None and code_list(list_name).dated:
                yield path, list_name, each


def _each(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, list):
        yield from (((*path, place), each) for place, each in enumerate(value))
    else:
        yield path, value


@cache
def _members(model: type[BaseModel]) -> tuple[tuple[str, str | None], ...]:
    """Return the members that hold codes, with their lists, and those that may hold models."""
    found: list[tuple[str, str | None]] = []
    for name, member in model.model_fields.items():
        lists = [
            each.list_name
            for each in (*member.metadata, *_annotated(member.annotation))
            if isinstance(each, CodeFrom)
        ]
        if lists:
            found.append((name, lists[0]))
        elif any(
            isinstance(each, type) and issubclass(each, BaseModel)
            for each in _annotated(member.annotation)
        ):
            found.append((name, None))
    return tuple(found)


def _annotated(annotation: Any) -> Iterator[Any]:
    """Yield everything that an annotation is made of."""
    yield annotation
    yield from getattr(annotation, "__metadata__", ())
    for each in get_args(annotation):
        if each is not annotation:
            yield from _annotated(each)


def _member(path: Path) -> str:
    return next(str(step) for step in reversed(path) if isinstance(step, str))
