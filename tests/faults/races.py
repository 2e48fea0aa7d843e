"""What requests and imports race for: every thing of which there is one, and what each side sends."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from deploy.sample import places
from services.registry.imports.columns import SHEETS, Sheet, SheetName
from services.registry.recording.kind import Kind
from tests.faults.load import COUNTY
from tests.registry.belongings import example
from tests.registry.imports import workbooks
from tests.registry.samples import FOUND, figure, household, identity_number, member
from tests.registry.villages.accounts import account

OTHER_COUNTY, OTHER_COUNTYS_VILLAGE = "330106000000", "330106002051"
Body = dict[str, Any]
Narrow = dict[str, str | int]


@dataclass(frozen=True)
class Homes:
    """Two households of a round, in two counties, and what is nobody else's."""

    serial: int
    ids: tuple[str, str]

    @property
    def numbers(self) -> tuple[str, str]:
        return f"R-{self.serial}-1", f"R-{self.serial}-2"

    @property
    def village(self) -> str:
        villages = places.county(COUNTY).villages
        return villages[self.serial % len(villages)].code

    def person(self, place: int) -> str:
        year, day = divmod(self.serial, 28)
        return identity_number(f"{1950 + year}11{day + 1:02d}", f"{901 + 2 * place}")


@dataclass(frozen=True)
class Side:
    """What one side wants recorded, as a request and as a row of a sheet."""

    county: str
    body: Body
    row: Body = field(default_factory=dict)


@dataclass(frozen=True)
class Race:
    """What is raced for: two sides, of which one may have it.

    ``code`` is what a request hears that comes second; a row hears it too, unless it amends what it
    finds. ``standing`` narrows the lists where the record stands, of which there is one in all.
    """

    path: str
    kind: str
    sides: Callable[[Homes], tuple[Side, Side]]
    standing: Callable[[Homes], list[Narrow]]
    code: str
    sheet: SheetName | None = None
    amends: bool = True


def of_home(homes: Homes) -> list[Narrow]:
    return [{"household_id": homes.ids[0]}]


def entry(sheet: Sheet) -> Race:
    """Return the race for the entry of a sheet."""
    kind: Kind[Any] = sheet.kind  # type: ignore[assignment]
    more: Body = {**sheet.fixed, "evidence": FOUND[sheet.fixed["guarantee"]]} if sheet.fixed else {}
    row = workbooks.everything()[sheet.name][0] if sheet.fixed else workbooks.row_of_example(sheet)

    def sides(homes: Homes) -> tuple[Side, Side]:
        body = example(kind, homes.ids[0], **more)
        side = Side(COUNTY, body, {**row, "户编号": homes.numbers[0]})
        return side, side

    return Race(kind.path, kind.name, sides, of_home, kind.key.failure.code, sheet.name)


def one_person(homes: Homes) -> tuple[Side, Side]:
    sides = zip((COUNTY, OTHER_COUNTY), homes.ids, homes.numbers, strict=True)
    person = homes.person(0)
    one, two = (
        Side(county, member(home, document_number=person), workbooks.member(number, person))
        for county, home, number in sides
    )
    return one, two


def two_heads(homes: Homes) -> tuple[Side, Side]:
    home, number = homes.ids[0], homes.numbers[0]
    one, two = (
        Side(COUNTY, member(home, document_number=each), workbooks.member(number, each))
        for each in (homes.person(0), homes.person(1))
    )
    return one, two


def one_number(homes: Homes) -> tuple[Side, Side]:
    number = f"R-{homes.serial}"
    side = Side(COUNTY, household(number=number), workbooks.household(number))
    return side, side


def one_account(homes: Homes) -> tuple[Side, Side]:
    side = Side(COUNTY, account(village_code=homes.village))
    return side, side


def one_figure(homes: Homes) -> tuple[Side, Side]:
    side = Side(COUNTY, figure(division=homes.village))
    return side, side


def of_village(homes: Homes) -> list[Narrow]:
    return [{"division": homes.village}]


RACES = {
    "person": Race(
        "members",
        "member",
        one_person,
        lambda homes: [{"household_id": home} for home in homes.ids],
        "person-cannot-be-entered",
        SheetName("成员"),
        amends=False,
    ),
    "head": Race(
        "members",
        "member",
        two_heads,
        of_home,
        "head-already-active",
        SheetName("成员"),
        amends=False,
    ),
    "number": Race(
        "households",
        "household",
        one_number,
        lambda homes: [{"number": f"R-{homes.serial}"}],
        "conflict",
        SheetName("农户"),
    ),
    **{
        sheet.name.value: entry(sheet)
        for sheet in SHEETS
        if sheet.kind.name not in {"household", "member"}
    },
    "account": Race(
        "village-accounts",
        "village_account",
        one_account,
        of_village,
        "account-already-recorded",
    ),
    "figure": Race(
        "division-figures",
        "division_figure",
        one_figure,
        of_village,
        "figure-already-recorded",
    ),
}
