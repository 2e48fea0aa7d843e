"""What rules asks the registry: facts of one subject, of many, of a whole division."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypedDict

import orjson
import polars as pl
import stamina

from services.rules.subjects import SubjectKind
from shared.divisions import DivisionName, DivisionsClient
from shared.journal.applying import Event
from shared.problems import DependencyUnavailable

ARROW = "application/vnd.apache.arrow.stream"
STREAM_ATTEMPTS = 3
NEEDED = ("divisions:read", "events:read", "facts:read")
"""The scopes that rules needs there."""
HOUSEHOLD_MOVED = "qingling.registry.household.moved"
EVENTS_A_PAGE = 1000
NOT_THERE = frozenset({404, 422})
"""How the registry answers about an id that it does not know, or that is none."""
PATHS: dict[str, str] = {"household": "households", "village": "villages"}


class StatedSubject(TypedDict):
    """Whom facts are about, and the village that they belong to."""

    kind: str
    id: str
    division: str


class FactsStatement(TypedDict):
    """What the registry states of one subject; an absent fact is not listed."""

    subject: StatedSubject
    as_of: str
    facts: dict[str, dict[str, Any]]


class RegistryClient(DivisionsClient):
    """A client of the registry."""

    async def facts_of(
        self, kind: SubjectKind, subject_id: str, as_of: date
    ) -> FactsStatement | None:
        """Return the facts of one household or village; None if it is not in the register."""
        path = f"/v1/facts/{PATHS[kind]}/{subject_id}"
        response = await self.get(path, {"as_of": as_of.isoformat()}, expected=NOT_THERE)
        if response.status_code in NOT_THERE:
            return None
        statement: FactsStatement = orjson.loads(response.content)
        return statement

    async def facts_of_many(
        self, kind: SubjectKind, ids: Sequence[str], as_of: date
    ) -> dict[str, FactsStatement]:
        """Return the facts of up to 1,000 subjects by id; those not in the register are left out."""
        if not ids:
            return {}
        body = {"ids": list(ids), "as_of": as_of.isoformat()}
        response = await self.post(f"/v1/facts/{PATHS[kind]}:lookup", body)
        return {item["subject"]["id"]: item for item in orjson.loads(response.content)["items"]}

    async def facts_of_division(
        self,
        kind: SubjectKind,
        division: str,
        as_of: date,
        only: Iterable[str] | None = None,
        *,
        recorders: bool = False,
    ) -> pl.DataFrame:
        """Return the facts of every household or village of a division, one row each.

        ``only`` names the facts wanted, all unless given; ``recorders`` adds the columns of who
        recorded them. What breaks off is read again.

        Raises:
            DependencyUnavailable: the registry cannot be reached, time and again.

        """
        params: dict[str, Any] = {"division": division, "as_of": as_of.isoformat()}
        if only is not None:
            params["fact"] = sorted(only)
        if recorders:
            params["recorders"] = "true"
        async for attempt in stamina.retry_context(
            on=DependencyUnavailable, attempts=STREAM_ATTEMPTS, wait_initial=0.1, wait_max=1
        ):
            with attempt:
                content = io.BytesIO()
                async with self.stream(f"/v1/facts/{PATHS[kind]}", params, ARROW) as response:
                    async for chunk in response.aiter_raw():
                        content.write(chunk)
        content.seek(0)
        return pl.read_ipc_stream(content)

    async def events(
        self, after: str, wait: float, most: int | None = None
    ) -> tuple[list[Event], str]:
        """Return the moves of households after a cursor, and the cursor behind them.

        Raises:
            DependencyUnavailable: the registry cannot be asked now.

        """
        params = {
            "after": after,
            "wait": wait,
            "limit": most or EVENTS_A_PAGE,
            "type": HOUSEHOLD_MOVED,
        }
        response = await self.get("/v1/events", params)
        return response.json(), response.headers["X-Next-Cursor"]

    async def feed_end(self) -> str:
        """Return where the feed ends now, which is elsewhere as soon as anything more is recorded.

        Raises:
            DependencyUnavailable: the registry cannot be asked now.

        """
        end = (await self.get("/v1/events/end")).json()
        return f"{end['cursor']}+{end['held_back']}"

    async def division_figures(self, division: str, as_of: date) -> FactsStatement:
        """Return the facts that are recorded of a division as a whole."""
        response = await self.get(f"/v1/facts/divisions/{division}", {"as_of": as_of.isoformat()})
        statement: FactsStatement = response.json()
        return statement

    async def children(self, code: str) -> list[DivisionName]:
        """Return the divisions directly below one, by code."""
        found: list[DivisionName] = []
        path, params = f"/v1/divisions/{code}/children", {"limit": 200}
        while True:
            page = (await self.get(path, params)).json()
            found += page["items"]
            if page["next"] is None:
                return found
            params = {"limit": 200, "cursor": page["next"]}
