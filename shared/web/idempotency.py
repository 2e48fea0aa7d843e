"""Safe retries: the first answer to an ``Idempotency-Key`` is kept with the effect and given again."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from sqlalchemy import (
    ColumnElement,
    DateTime,
    LargeBinary,
    String,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from shared.db.base import SharedBase
from shared.problems import IdempotencyKeyReused, MalformedRequest, NotFound
from shared.security.access import Caller, authenticate
from shared.values.bilingual import Bilingual
from shared.values.divisions import span
from shared.web.contents import Sent
from shared.web.work import RECORDED

KEPT_FOR = timedelta(hours=24)
KEY = re.compile("[!-~](?:[ -~]{0,253}[!-~])?")
WITH_AN_EFFECT = ("if-match", "x-change-reason")
"""Headers that say what is to be done, beside the body and If-None-Match."""
ELSEWHERE = text("""
SELECT 1
FROM unnest(cast(:kinds AS text[]), cast(:ids AS text[])) AS subject (kind, id)
CROSS JOIN LATERAL (
    SELECT division FROM journal WHERE subject_kind = subject.kind AND subject_id = subject.id
    ORDER BY version DESC, sequence DESC LIMIT 1
) AS newest
WHERE newest.division < :first OR newest.division >= :past_last
LIMIT 1
""")
"""Finds a record that has left a span of divisions since, by the newest entry of its journal."""
CHUNK_BYTES = 256 * 1024
KEPT_HEADERS = frozenset({"content-type", "etag", "location", "link", "preference-applied"})


class IdempotencyKey(SharedBase):
    """One key of one caller, the request it stood for, and the answer once there is one.

    ``division`` is the caller's then, ``subjects`` are the (kind, id) within it that were recorded.
    """

    __tablename__ = "idempotency_keys"

    caller: Mapped[str] = mapped_column(String, primary_key=True)
    key: Mapped[str] = mapped_column(String, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    division: Mapped[str | None] = mapped_column(String(12))
    subjects: Mapped[list[list[str]] | None] = mapped_column(JSONB)
    status: Mapped[int | None]
    headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), index=True
    )


@dataclass(frozen=True)
class Claim:
    """A key that this request is the first to use."""

    caller: Caller
    key: str


def key_of(request: Request) -> str | None:
    """Return the key of a POST, None if it has none. Raises MalformedRequest."""
    key = request.headers.get("idempotency-key")
    if key is None or request.method != "POST":
        return None
    if not KEY.fullmatch(key):
        raise MalformedRequest(
            Bilingual(
                "Idempotency-Key 应为 1 至 255 个可见的 ASCII 字符，如一个 UUID。",
                "Idempotency-Key must be 1 to 255 visible ASCII characters, for example a UUID.",
            )
        )
    return key


async def claim(request: Request, sent: Sent, session: AsyncSession) -> Claim | Response:
    """Claim the request's key, or return the answer kept under it.

    A second request with the same key waits here until the first commits or fails.

    Raises:
        IdempotencyKeyReused: the key stood for something else that was sent.
        NotFound: the answer is about what no longer lies within the caller's division.

    """
    caller, key = authenticate(request), request.headers["idempotency-key"]
    fingerprint = await fingerprint_of(request, sent)
    inserted = await session.execute(
        insert(IdempotencyKey)
        .values(caller=caller.subject, key=key, fingerprint=fingerprint, division=caller.division)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if inserted.first() is not None:
        return Claim(caller, key)
    kept = (await session.execute(select(IdempotencyKey).where(*_of(caller, key)))).scalar_one()
    if kept.fingerprint != fingerprint:
        raise IdempotencyKeyReused(
            Bilingual(
                "此幂等键已用于内容不同的请求；请换一个新键。",
                "This idempotency key was used for a different request; use a new key.",
            )
        )
    if not await still_within(session, caller, kept):
        raise NotFound(
            Bilingual(
                "此幂等键的首次答复涉及现已不在您区划范围内的记录，不再给出。",
                "The first answer under this key is about records that are no longer found within "
                "your division; it is not given again.",
            )
        )
    return Response(
        kept.body,
        kept.status or 200,
        {**(kept.headers or {}), "Idempotency-Replayed": "true"},
    )


async def keep(session: AsyncSession, claimed: Claim, response: Response) -> None:
    """Keep the answer of the request that claimed the key, in the transaction of its effect.

    A failure is not kept, nor what must not be stored: the key is given up, and a retry runs anew.
    """
    own = _of(claimed.caller, claimed.key)
    if response.status_code >= 400 or response.headers.get("cache-control") == "no-store":
        await session.execute(delete(IdempotencyKey).where(*own))
        return
    await session.execute(
        update(IdempotencyKey)
        .where(*own)
        .values(
            status=response.status_code,
            headers={k: v for k, v in response.headers.items() if k in KEPT_HEADERS},
            body=bytes(response.body),
            subjects=[
                [kind, subject]
                for kind, subject, division in session.info.get(RECORDED, ())
                if claimed.caller.covers(division)
            ],
        )
    )


async def forget_expired(session: AsyncSession) -> int:
    """Delete the keys that are older than a day by the database's own clock; return how many."""
    result: Any = await session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < func.now() - KEPT_FOR)
    )
    return int(result.rowcount)


async def fingerprint_of(request: Request, sent: Sent) -> bytes:
    """Return what stands for all that was sent: names, values and files' content.

    The same in another order of members or parts, with other spaces, escapes or boundaries, is the
    same.
    """
    said = [
        request.method,
        request.scope["path"],
        sorted(request.query_params.multi_items()),
        [request.headers.get(name) for name in WITH_AN_EFFECT],
        await _canonical(sent),
        # Last, and only where it is sent: keys that were kept without it stand for the same.
        *request.headers.getlist("if-none-match"),
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).digest()


async def _canonical(sent: Sent) -> Any:
    if isinstance(sent, FormData):
        parts = [(name, await _canonical(part)) for name, part in sent.multi_items()]
        # Several parts of one name keep their order, which may mean something.
        return ["form", sorted(parts, key=lambda part: part[0])]
    if isinstance(sent, UploadFile):
        digest = hashlib.sha256()
        while chunk := await sent.read(CHUNK_BYTES):
            digest.update(chunk)
        await sent.seek(0)
        return [sent.filename, digest.hexdigest()]
    return hashlib.sha256(sent).hexdigest() if isinstance(sent, bytes) else [sent]


async def still_within(session: AsyncSession, caller: Caller, kept: IdempotencyKey) -> bool:
    """Say whether the caller now sees all that the caller saw then, and all that was recorded."""
    if kept.division is None or not caller.covers(kept.division):
        return False
    first, past_last = span(caller.division)
    kinds, ids = zip(*kept.subjects or [], strict=True) if kept.subjects else ((), ())
    outside = await session.scalar(
        ELSEWHERE,
        {"kinds": list(kinds), "ids": list(ids), "first": first, "past_last": past_last},
    )
    return outside is None


def _of(caller: Caller, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return IdempotencyKey.caller == caller.subject, IdempotencyKey.key == key
