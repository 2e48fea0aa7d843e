"""What every record may bear beside its content: its voiding, and what another system calls it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Voiding:
    """Who proposed to void a record and why, and who voided it; nobody has while these are null."""

    reason: str
    proposed_by: str
    proposed_at: datetime
    voided_by: str | None = None
    voided_at: datetime | None = None

    def __composite_values__(self) -> tuple[str | datetime | None, ...]:
        """Return the values in the order of the table's columns."""
        return (self.reason, self.proposed_by, self.proposed_at, self.voided_by, self.voided_at)


@dataclass(frozen=True, slots=True)
class ExternalIdentity:
    """What another system calls a record, and which system does."""

    source: str
    id: str

    @property
    def columns(self) -> dict[str, str]:
        """The table's columns."""
        return {"external_source": self.source, "external_id": self.id}


class Entered(Protocol):
    """A record, as far as it says who entered it, when, and whether it was ever amended."""

    @property
    def recorded_by(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def version(self) -> int: ...


def decided_nothing(entered: Entered, who: str, now: datetime, alone_for: timedelta) -> bool:
    """Tell whether a record is a slip of the hand that its own writer may take back.

    Judgements rest on what has been on record for a while, and what was changed since says more than
    that slip.
    """
    return (
        entered.version == 1
        and entered.recorded_by == who
        and now - entered.created_at <= alone_for
    )
