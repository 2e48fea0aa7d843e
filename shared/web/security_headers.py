"""The headers that every answer carries, and what its pages may load."""

import base64
import hashlib
import re
from collections.abc import Mapping

NO_CONTENT_POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE_SOURCES = (
    "default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Not even a private cache: nearly every answer is about somebody. A client that keeps what it
    # read may still ask with If-None-Match whether it holds.
    "Cache-Control": "no-store",
}


def of_every_answer() -> Mapping[str, str]:
    """Return the headers of an answer that no page is made of."""
    return {**_HEADERS, "Content-Security-Policy": NO_CONTENT_POLICY}


def page_policy(page: bytes) -> str:
    """Return the policy of an HTML page: its own files, and the scripts that stand in it."""
    digests = (hashlib.sha256(script).digest() for script in _INLINE_SCRIPT.findall(page))
    known = [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]
    return PAGE_SOURCES.format(scripts=" ".join(["'self'", *known]))
