"""Safe retries: the first answer to an ``Idempotency-Key`` is kept with the effect and given again."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from sqlalchemy import DateTime, LargeBinary, String, delete, func, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from starlette.responses import Response

from shared.db.base import SharedBase
from shared.problems import IdempotencyKeyReused, MalformedRequest
from shared.security.access import authenticate
from shared.values.bilingual import Bilingual

KEPT_FOR = timedelta(hours=24)
KEPT_HEADERS = frozenset({"content-type", "etag", "location", "link", "preference-applied"})


class IdempotencyKey(SharedBase):
    """One key of one caller, the request it stood for, and the answer once there is one."""

    __tablename__ = "idempotency_keys"

    caller: Mapped[str] = mapped_column(String, primary_key=True)
    key: Mapped[str] = mapped_column(String, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    headers: Mapped[dict[str, str] | None] = mapped_column(JSONB)
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True), server_default=func.now(), index=True
    )


@dataclass(frozen=True)
class Claim:
    """A key that this request is the first to use."""

    caller: str
    key: str


def is_keyed(request: Request) -> bool:
    """Say whether the first answer to a request is to be kept."""
    return request.method == "POST" and "idempotency-key" in request.headers


async def claim(request: Request, session: AsyncSession) -> Claim | Response | None:
    """Claim the request's key, or return the kept answer; None for a request without a key.

    A second request with the same key waits here until the first commits or fails.
    """
    if not is_keyed(request):
        return None
    key = request.headers["idempotency-key"]
    if not 1 <= len(key) <= 255 or not key.isascii():
        raise MalformedRequest(
            Bilingual(
                "Idempotency-Key 应为 1 至 255 个 ASCII 字符，如一个 UUID。",
                "Idempotency-Key must be 1 to 255 ASCII characters, for example a UUID.",
            )
        )
    caller = authenticate(request).subject
    fingerprint = await _fingerprint(request)
    inserted = await session.execute(
        insert(IdempotencyKey)
        .values(caller=caller, key=key, fingerprint=fingerprint)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if inserted.first() is not None:
        return Claim(caller, key)
    kept = (
        await session.execute(
            select(IdempotencyKey).where(IdempotencyKey.caller == caller, IdempotencyKey.key == key)
        )
    ).scalar_one()
    if kept.fingerprint != fingerprint:
        raise IdempotencyKeyReused(
            Bilingual(
                "此幂等键已用于内容不同的请求；请换一个新键。",
                "This idempotency key was used for a different request; use a new key.",
            )
        )
    return Response(
        kept.body,
        kept.status or 200,
        {**(kept.headers or {}), "Idempotency-Replayed": "true"},
    )


async def keep(session: AsyncSession, claimed: Claim, response: Response) -> None:
    """Keep the answer of the request that claimed the key, in the transaction of its effect.

    An answer that must not be stored is not: its key is given up, and a retry runs anew.
    """
    if response.headers.get("cache-control") == "no-store":
        await session.execute(
            delete(IdempotencyKey).where(
                IdempotencyKey.caller == claimed.caller, IdempotencyKey.key == claimed.key
            )
        )
        return
    await session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.caller == claimed.caller, IdempotencyKey.key == claimed.key)
        .values(
            status=response.status_code,
            headers={k: v for k, v in response.headers.items() if k in KEPT_HEADERS},
            body=bytes(response.body),
        )
    )


async def forget_expired(session: AsyncSession, now: datetime) -> int:
    """Delete the keys that are older than a day; return how many."""
    result: Any = await session.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < now - KEPT_FOR)
    )
    return int(result.rowcount)


async def _fingerprint(request: Request) -> bytes:
    digest = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query):
        digest.update(part.encode() + b"\n")
    digest.update(await request.body())
    return digest.digest()
