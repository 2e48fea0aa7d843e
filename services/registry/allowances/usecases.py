"""Counting what a caller asks, and refusing what goes beyond the day's allowance."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Response
from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert

from services.registry.allowances.domain import (
    Allowances,
    FindsExhausted,
    Guess,
    RevealsExhausted,
    Use,
    until_tomorrow,
)
from services.registry.allowances.tables import AllowanceRow, GuessRow
from shared.clock import Clock, china_date
from shared.db.database import Database
from shared.problems import TooManyRequests
from shared.values.bilingual import Bilingual
from shared.web.keeping import keep_so_far
from shared.web.reading import of_application
from shared.web.work import Work

# Likenesses are locked in their order, so that no two callers' sets wait for each other.
COUNT_GUESSES = text("""
INSERT INTO guesses AS known (caller, day, likeness, persons)
SELECT :caller, cast(:day AS date), likeness,
       (array_agg(person ORDER BY place))[1:cast(:most AS integer)]
FROM (
    SELECT likeness, person, min(place) AS place
    FROM unnest(cast(:likenesses AS bytea[]), cast(:persons AS bytea[]))
        WITH ORDINALITY AS one (likeness, person, place)
    GROUP BY likeness, person
) given
GROUP BY likeness ORDER BY likeness
ON CONFLICT (caller, day, likeness) DO UPDATE SET persons = known.persons || ARRAY(
    SELECT person FROM unnest(excluded.persons) WITH ORDINALITY AS one (person, place)
    WHERE person <> ALL (known.persons)
    ORDER BY place LIMIT greatest(:most - cardinality(known.persons), 0)
)
RETURNING persons
""")
LIMIT, REMAINING = "X-Allowance-Limit", "X-Allowance-Remaining"
ALLOWANCE_HEADERS: dict[int | str, dict[str, Any]] = {
    200: {
        "headers": {
            LIMIT: {
                "description": "每人每天可办理的次数 how many a caller has a day",
                "schema": {"type": "integer"},
            },
            REMAINING: {
                "description": "今天剩余的次数 how many are left for today",
                "schema": {"type": "integer"},
            },
        }
    }
}


AllowancesInUse = Annotated[Allowances, of_application("allowances")]
"""The allowances of the service's settings."""


async def spend(work: Work, allowances: Allowances, use: Use) -> int:
    """Count one use, which stays counted whatever becomes of the request; return what is left.

    Others of the same caller wait until this request is answered.

    Raises:
        FindsExhausted, RevealsExhausted: nothing was left.

    """
    most = allowances.of(use)
    used = await _add(work, use, most)
    if used is None:
        raise exhausted(work, allowances, use)
    await keep_so_far(work.session)
    return most - used


async def spend_refusal(work: Work, allowances: Allowances, refused: int = 1) -> bool:
    """Count refusals that tell of a person, which cost finds too; say whether they may be told."""
    if await _add(work, Use.REFUSAL, allowances.finds, refused) is None:
        return False
    await _add(work, Use.FIND, None, refused)
    return True


async def refusals_left(work: Work, allowances: Allowances, *, settle: bool = False) -> int:
    """Return how many refusals the caller may still be told today.

    With ``settle`` none is added to those counted until the transaction has ended.
    """
    statement = select(AllowanceRow.used).where(
        AllowanceRow.caller == work.actor,
        AllowanceRow.day == work.today,
        AllowanceRow.use == Use.REFUSAL,
    )
    if settle:
        statement = statement.with_for_update(read=True)
    return allowances.finds - (await work.session.scalar(statement) or 0)


async def count_guesses(work: Work, guesses: Sequence[Guess], most: int) -> list[list[bytes]]:
    """Count whom a caller enters; return the persons of whom an answer may tell something.

    Of those who might be guesses at the same person these are the first ``most`` of the day, in one
    list in their order.
    Others of the same caller and likeness wait until the transaction ends.
    """
    given = {
        "caller": work.actor,
        "day": work.today,
        "likenesses": [guess.likeness for guess in guesses],
        "persons": [guess.person for guess in guesses],
        "most": most,
    }
    return list(await work.session.scalars(COUNT_GUESSES, given))


def exhausted(work: Work, allowances: Allowances, use: Use) -> TooManyRequests:
    """Return the failure of what goes beyond the day's allowance."""
    kind = RevealsExhausted if use is Use.REVEAL else FindsExhausted
    most, wait = allowances.of(use), until_tomorrow(work.now)
    return kind(
        Bilingual(
            f"每人每天最多 {most} 次，今天已用完；{wait} 秒后（次日零时）可再办理，或请上级协助。",
            f"Each caller has {most} a day, and none is left for today; try again in {wait} seconds, "
            "when the next day begins in China, or ask the level above.",
        ),
        headers={"Retry-After": str(wait), LIMIT: str(most), REMAINING: "0"},
        limit=most,
        remaining=0,
    )


def show_left(response: Response, allowances: Allowances, use: Use, left: int) -> None:
    """Say in an answer how much of an allowance is left."""
    response.headers.update({LIMIT: str(allowances.of(use)), REMAINING: str(left)})


async def forget_allowances(database: Database, clock: Clock) -> None:
    """Delete what was counted before today."""
    today = china_date(clock.now())
    async with database.session() as session:
        for table in (AllowanceRow, GuessRow):
            await session.execute(delete(table).where(table.day < today))


async def _add(work: Work, use: Use, most: int | None, times: int = 1) -> int | None:
    """Add to what was used; return how much it is, or None where ``most`` would be exceeded."""
    if most is not None and times > most:
        return None
    row = {"caller": work.actor, "day": work.today, "use": use.value, "used": times}
    statement = insert(AllowanceRow).values(**row)
    used: int | None = await work.session.scalar(
        statement.on_conflict_do_update(
            index_elements=[AllowanceRow.caller, AllowanceRow.day, AllowanceRow.use],
            set_={"used": AllowanceRow.used + times},
            where=None if most is None else AllowanceRow.used + times <= most,
        ).returning(AllowanceRow.used)
    )
    return used
