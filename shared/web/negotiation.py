"""Choosing the format of an answer by what the client accepts."""

import re
from collections.abc import Sequence

from fastapi import Request
from fastapi.routing import APIRoute

from shared.problems import Problem
from shared.values.bilingual import Bilingual
from shared.web.headers import listed

JSON, HTML = "application/json", "text/html"
QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")


class NotAcceptable(Problem):
    status, code = 406, "not-acceptable"
    title = Bilingual("不支持所要的格式", "The format asked for is not offered")


def chosen_format(request: Request, *offered: str) -> str:
    """Return the media type offered that the client prefers; the first one if it takes anything.

    Raises:
        NotAcceptable: the client accepts none of them.

    """
    header = listed(request, "accept")
    if header is None or header == "*/*":
        return offered[0]
    accepted = _accepted(header)
    best = max(offered, key=lambda media_type: _quality(media_type, accepted))
    if _quality(best, accepted) <= 0:
        raise NotAcceptable(
            Bilingual(
                f"此处只提供 {'、'.join(offered)}；请相应设置 Accept。",
                f"This is offered as {', '.join(offered)} only; send a matching Accept.",
            )
        )
    return best


def offered_by(route: APIRoute) -> tuple[str, ...]:
    """Return the media types in which a route answers when it succeeds, the usual one first."""
    declared = [
        media_type
        for status, response in route.responses.items()
        if str(status).startswith("2")
        for media_type in (*response.get("content", ()), *((JSON,) if "model" in response else ()))
    ]
    usual = [JSON] if route.response_model is not None or not declared else []
    return tuple(dict.fromkeys((*usual, *declared)))


def _accepted(header: str) -> list[tuple[str, float]]:
    """Return (media range, quality) pairs; one that cannot be read is passed over.

    The one parameter that what is offered has is its charset, UTF-8.
    """
    result = []
    for part in header.lower().split(","):
        media_range, *parameters = (piece.strip() for piece in part.split(";"))
        quality = 1.0
        for name, _, value in (each.partition("=") for each in parameters):
            if name == "q":
                quality = float(value) if QUALITY.fullmatch(value) else -1.0
                break  # what follows belongs to no media range
            if (name, value.strip('"')) not in {("charset", "utf-8"), ("charset", "utf8")}:
                quality = -1.0
                break
        if quality >= 0:
            result.append((media_range, quality))
    return result


def _quality(media_type: str, accepted: Sequence[tuple[str, float]]) -> float:
    """Return the quality that the most specific matching range gives."""
    family = media_type.split("/", maxsplit=1)[0] + "/*"
    for wanted in (media_type, family, "*/*"):
        for media_range, quality in accepted:
            if media_range == wanted:
                return quality
    return 0.0
