"""The parameters of an address: those declared, single ones once, each in its own spelling."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Path, Query

from shared.problems import InvalidRequest, MalformedRequest, Problem, UnknownParameter
from shared.values.bilingual import Bilingual
from shared.values.repeating import repeated
from shared.web.spelling import Spelling, spelling_of, takes_many

MOST_LISTED = 20


class DuplicateParameter(Problem):
    status, code = 400, "duplicate-parameter"
    title = Bilingual("同一查询参数出现多次", "A query parameter stands more than once")


@dataclass(frozen=True)
class Parameters:
    """What an address takes in its path and its query."""

    query: Mapping[str, bool]
    """The names of the query, and whether each may stand more than once."""
    spellings: Mapping[str, Spelling]

    @classmethod
    def of(cls, dependant: Dependant) -> "Parameters":
        """Return what a route and everything that it depends on take."""
        query, spellings = {}, {}
        for field in get_flat_params(dependant):
            info = field.field_info
            annotation: Any = info.annotation
            if isinstance(info, Query):
                query[field.alias] = takes_many(annotation)
            if isinstance(info, Query | Path) and (spelling := spelling_of(annotation)):
                spellings[field.alias] = spelling
        return cls(query, spellings)

    def check(self, request: Request) -> None:
        """Refuse what is not declared, given twice, or written otherwise.

        Raises:
            MalformedRequest: the address is not UTF-8, or holds NUL.
            UnknownParameter: the query names something else.
            DuplicateParameter: it names a single parameter twice.
            InvalidRequest: a value is not spelled as its type is.

        """
        sent = list(request.scope["path_params"].items())
        if b"%" in (raw := request.scope.get("raw_path") or b""):
            _refuse_unreadable(raw)
        if request.scope["query_string"]:
            asked = _read(request.scope["query_string"])
            self._refuse_names([name for name, _ in asked])
            sent += asked
        wrong = [
            (name, spelling)
            for name, value in sent
            if (spelling := self.spellings.get(name)) and not spelling.pattern.fullmatch(value)
        ]
        if wrong:
            raise InvalidRequest(
                Bilingual(
                    "地址中有不合要求的内容，见 errors；改正后重发。",
                    "Parts of the address are not valid, see errors; correct them and send it again.",
                ),
                errors=[(name, spelling.code, spelling.message) for name, spelling in wrong],
            )

    def _refuse_names(self, names: list[str]) -> None:
        counts = Counter(names)
        unknown = sorted(counts.keys() - self.query.keys())[:MOST_LISTED]
        if unknown:
            shown, allowed = [repeated(name) for name in unknown], sorted(self.query)
            raise UnknownParameter(
                Bilingual(
                    f"不认识查询参数 {'、'.join(shown)}；此地址只接受：{'、'.join(allowed) or '无'}。",
                    f"Unknown query parameter {', '.join(shown)}; this address takes: "
                    f"{', '.join(allowed) or 'none'}.",
                ),
                errors=[
                    (name, "unknown-parameter", Bilingual("去掉此参数", "leave this parameter out"))
                    for name in shown
                ],
            )
        twice = sorted(name for name, times in counts.items() if times > 1 and not self.query[name])
        if twice:
            raise DuplicateParameter(
                Bilingual(
                    f"查询参数 {'、'.join(twice)} 写了多次，无法判断以哪个为准；请只写一次。",
                    f"The query parameter {', '.join(twice)} stands more than once, so that nobody "
                    "knows which one counts; give it once.",
                ),
                errors=[
                    (name, DuplicateParameter.code, Bilingual("只写一次", "give it once"))
                    for name in twice
                ],
            )


def _read(query: bytes) -> list[tuple[str, str]]:
    _refuse_unreadable(query)
    return parse_qsl(query.decode(), keep_blank_values=True)


def _refuse_unreadable(encoded: bytes) -> None:
    # The server and the framework would read other bytes as U+FFFD or Latin-1: as something else
    # than was sent.
    try:
        text = unquote_to_bytes(encoded).decode()
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text or not encoded.isascii():
        raise MalformedRequest(
            Bilingual(
                "地址无法读取：应为百分号编码的 UTF-8，且不含空字符（U+0000）。",
                "The address cannot be read: write it in percent-encoded UTF-8 without NUL (U+0000).",
            )
        )
