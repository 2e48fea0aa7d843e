"""The real divisions in which the invented households live."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from services.registry import divisions

_FILE = Path(divisions.__file__).with_name("zhejiang-divisions-2020-06-30.csv")
# Suffixes of the statistical codes: 001-199 are neighbourhood committees, 200-399 villages.
_FIRST_VILLAGE, _LAST_VILLAGE = "200", "399"


class CountyUnknown(LookupError):
    """No county has the code, or it has no villages."""

    code = "sample-county-unknown"

    def __init__(self, county: str) -> None:
        super().__init__(
            f"样本无法生成：{county} 不是浙江省有行政村的县级区划，请改用如 330127000000 的代码。"
            f"No sample: {county} is no county of Zhejiang with villages; name one such as "
            "330127000000."
        )


@dataclass(frozen=True, slots=True)
class Village:
    """An administrative village 行政村."""

    code: str
    place: str
    """Names of township and village."""


@dataclass(frozen=True, slots=True)
class County:
    """A county-level division and its villages."""

    code: str
    ordinal: int
    """Place among the province's counties, from 0; below 100."""
    villages: tuple[Village, ...]


@cache
def counties() -> Mapping[str, County]:
    """Return the counties of Zhejiang that have villages, by code, as of 2020-06-30."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row["code"]: row["name"] for row in rows}
    villages: dict[str, list[Village]] = {
        row["code"]: [] for row in rows if row["level"] == "county"
    }
    for row in rows:
        code = row["code"]
        if row["level"] == "village" and _FIRST_VILLAGE <= code[9:] <= _LAST_VILLAGE:
            name = names[row["parent"]] + row["name"].removesuffix("村民委员会")
            villages[f"{code[:6]}000000"].append(Village(code, name))
    return {
        code: County(code, ordinal, tuple(found))
        for ordinal, (code, found) in enumerate(villages.items())
        if found
    }


def county(code: str) -> County:
    """Return a county. Raises CountyUnknown."""
    try:
        return counties()[code]
    except KeyError as error:
        raise CountyUnknown(code) from error
