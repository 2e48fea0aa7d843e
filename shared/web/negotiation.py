"""Choosing the format of an answer by what the client accepts."""

from collections.abc import Sequence

from fastapi import Request

from shared.problems import Problem
from shared.values.bilingual import Bilingual

JSON, HTML = "application/json", "text/html"


class NotAcceptable(Problem):
    status, code = 406, "not-acceptable"
    title = Bilingual("不支持所要的格式", "The format asked for is not offered")


def chosen_format(request: Request, *offered: str) -> str:
    """Return the media type offered that the client prefers; the first one if it takes anything.

    Raises:
        NotAcceptable: the client accepts none of them.

    """
    accepted = _accepted(request.headers.get("accept", "*/*"))
    best = max(offered, key=lambda media_type: _quality(media_type, accepted))
    if _quality(best, accepted) <= 0:
        raise NotAcceptable(
            Bilingual(
                f"此处只提供 {'、'.join(offered)}；请相应设置 Accept。",
                f"This is offered as {', '.join(offered)} only; send a matching Accept.",
            )
        )
    return best


def _accepted(header: str) -> list[tuple[str, float]]:
    """Return (media range, quality) pairs; one that cannot be read is passed over."""
    result = []
    for part in header.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((each[2:] for each in parameters if each.startswith("q=")), "1")
        try:
            result.append((media_range, float(quality)))
        except ValueError:
            continue
    return result


def _quality(media_type: str, accepted: Sequence[tuple[str, float]]) -> float:
    """Return the quality that the most specific matching range gives."""
    family = media_type.split("/", maxsplit=1)[0] + "/*"
    for wanted in (media_type, family, "*/*"):
        for media_range, quality in accepted:
            if media_range == wanted:
                return quality
    return 0.0
