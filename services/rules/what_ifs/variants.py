"""Policies with a reform applied, compiled once and kept by what they are made of."""

import asyncio
import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Annotated, Any

from services.rules.engine import Policy, PolicyError
from services.rules.releases.shelf import Release, Shelf
from services.rules.vocabulary.locating import path_at
from services.rules.vocabulary.reforms import REFORM, read_reform, reformed
from shared.problems import InvalidRequest
from shared.values.bilingual import Bilingual
from shared.web.reading import of_application

KEPT = 32
POINTER = "/changes/reform"
_UNWRITABLE = Bilingual(
    "改革方案嵌套过深，或含有非数（NaN、Infinity）或不成对的代理码，无法读取；请改正后重发。",
    "The reform is nested too deep, or holds NaN, Infinity or half a character; correct it and send "
    "it again.",
)


@dataclass(frozen=True, slots=True)
class Variant:
    """A policy to compare with its base, with the reform that makes it: its title, and what it names."""

    title: str | None
    policy: Policy
    parameters: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class Variants:
    """The variants asked for last; at most ``KEPT`` of them are kept."""

    def __init__(self) -> None:
        self._made: OrderedDict[tuple[str, bytes], Variant] = OrderedDict()
        self._making = asyncio.Lock()

    async def of(self, shelf: Shelf, base: Release, reform: str | dict[str, Any] | None) -> Variant:
        """Return a release with a reform applied; without one, the release itself.

        Raises:
            InvalidRequest: the reform is refused; says where it is wrong and what to write.

        """
        if reform is None:
            return Variant(None, base.policy)
        text = reform if isinstance(reform, str) else _written(reform)
        key = base.digest, hashlib.sha256(text.encode()).digest()
        async with self._making:
            if key not in self._made:
                files = await shelf.files(base.id)
                try:
                    made = await asyncio.to_thread(_make, base.policy, files, text)
                except PolicyError as error:
                    raise _refused(error, text, structured=not isinstance(reform, str)) from error
                self._made[key] = made
                if len(self._made) > KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return self._made[key]


def _make(base: Policy, files: dict[str, str], text: str) -> Variant:
    reform = read_reform(text)
    variant = reformed(base, files, reform)
    return Variant(reform.title, variant, tuple(reform.parameters), tuple(reform.rules))


def _written(reform: dict[str, Any]) -> str:
    """JSON as the text that errors can point into."""
    try:
        text = json.dumps(reform, ensure_ascii=False, allow_nan=False, indent=2)
        text.encode()
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(
            _UNWRITABLE, errors=[(POINTER, "reform-unwritable", _UNWRITABLE)]
        ) from error
    return text


def _refused(error: PolicyError, text: str, *, structured: bool) -> InvalidRequest:
    """The problem of a reform: at a line and column of a text, at the very member of JSON."""
    detail = Bilingual(
        f"{error.place}：{error.message('zh')}", f"{error.place}: {error.message('en')}"
    )
    steps = path_at({REFORM: text}, error.place) if structured else ()
    pointer = POINTER + "".join(
        f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps
    )
    return InvalidRequest(
        Bilingual(
            "改革方案未通过检查，见 errors；改正后重发。",
            "The reform does not check, see errors; correct it and send it again.",
        ),
        errors=[(pointer, error.code, detail)],
        place={"line": error.place.line, "column": error.place.column},
    )


VariantsInUse = Annotated[Variants, of_application("variants")]
"""The variants that this process keeps."""
