"""Which format a client gets."""

import pytest
from fastapi import Request

from shared.web.negotiation import HTML, JSON, NotAcceptable, chosen_format


def request(accept: str | None) -> Request:
    headers = [] if accept is None else [(b"accept", accept.encode())]
    return Request({"type": "http", "headers": headers})


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/html", HTML),
        ("TEXT/HTML", HTML),
        ("text/html,application/xhtml+xml,*/*;q=0.8", HTML),
        ("text/html;q=0.2, application/json;q=0.3", JSON),
        ("text/*;q=0.9, */*;q=0.1", HTML),
        ("application/json;q=0, */*", HTML),
        ("text/html;q=nonsense, */*", JSON),
    ],
)
def test_the_preferred_format_is_chosen(accept: str | None, chosen: str) -> None:
    assert chosen_format(request(accept), JSON, HTML) == chosen


@pytest.mark.parametrize("accept", ["text/csv", "*/*;q=0", "", "image/*"])
def test_what_is_not_offered_is_refused(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        chosen_format(request(accept), JSON, HTML)
