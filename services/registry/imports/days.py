"""Dates as officials write them in files: read where they have one reading, told where they have two."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from pathlib import Path

from services.registry.vocabulary.notations import chinese_number
from shared.values.periods import DateRefusal, parse_date

_YEAR_FIRST = re.compile(
    r"([0-9]{4})(?:[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})[日号]?)"
)
_EIGHT_DIGITS = re.compile(r"((?:1[89]|2[0-9])[0-9]{2})([0-9]{2})([0-9]{2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}[-/.年][0-9]{1,2}(?:[-/.月][0-9]{1,2}[日号]?)")
_NO_DAY = re.compile(r"[0-9]{4}(?:年|[-/.])?(?:[0-9]{1,2}月?(?:份)?)?")
_WITH_TIME = re.compile(r"(.*[0-9日号])(?:\s+|T)([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)")
_MIDNIGHT = re.compile(r"[0:.]+")
_CHINESE = re.compile(
    r"([〇零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]?"
)
# How spreadsheets count days, from 1927 to 2146.
_SERIAL = re.compile(r"(?!19|20)[1-8][0-9]{4}")
_DAY_ZERO = date(1899, 12, 30)
_DASHES = re.compile("[\u2010-\u2015\u2212]")


class DayRefusal(DateRefusal):
    """One of the reasons in ``days.yaml``."""

    file = Path(__file__).with_suffix(".yaml")


def read_day(value: object) -> date:
    """Return the day that a cell says.

    Takes a date, a moment at midnight, eight digits also as a number, and text with one reading:
    2020/1/10, 2020.1.10, 2020年1月10日, 20200110, 二〇二〇年一月十日, full-width digits.

    Raises a DateRefusal: what is missing, what the readings are, or only that it is no date.
    """
    match value:
        case datetime():
            if value.time() != time.min:
                raise DayRefusal("date-with-time", suggestion=parse_date(value.date()).isoformat())
            return parse_date(value.date())
        case date():
            return parse_date(value)
        case bool():
            raise DateRefusal("date-malformed")
        case int() | float():
            whole = str(int(value)) if abs(value) < 10**8 and value == int(value) else ""
            _refuse_serial(whole)
            eight = _EIGHT_DIGITS.fullmatch(whole)
            if eight is None:
                raise DateRefusal("date-malformed")
            return _day(*eight.groups())
        case str():
            return _of_text(value)
    raise DateRefusal("date-malformed")


def _of_text(written: str) -> date:
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", written).strip())
    if timed := _WITH_TIME.fullmatch(text):
        day = _of_text(timed[1])
        if not _MIDNIGHT.fullmatch(timed[2]):
            raise DayRefusal("date-with-time", suggestion=day.isoformat())
        return day
    text = "".join(text.split())
    _refuse_serial(text)
    if plain := _YEAR_FIRST.fullmatch(text) or _EIGHT_DIGITS.fullmatch(text):
        return _day(*filter(None, plain.groups()))
    if chinese := _CHINESE.fullmatch(text):
        return _day(*(str(chinese_number(part)) for part in chinese.groups()))
    if last := _YEAR_LAST.fullmatch(text):
        return _one_of(last[3], last[1], last[2])
    if _SHORT_YEAR.fullmatch(text):
        raise DayRefusal("date-year-short")
    if _NO_DAY.fullmatch(text):
        raise DayRefusal("date-without-day")
    raise DateRefusal("date-malformed")


def _refuse_serial(text: str) -> None:
    """Refuse the number of a day, but not what may be a year with its month: 20201."""
    if _SERIAL.fullmatch(text):
        meant = _DAY_ZERO + timedelta(days=int(text))
        raise DayRefusal("date-serial", written=text, meant=meant.isoformat())


def _one_of(year: str, first: str, second: str) -> date:
    """Return the only day that month and day can mean in either order."""
    readings = []
    for month, day in ((first, second), (second, first)):
        try:
            readings.append(_day(year, month, day))
        except DateRefusal as refusal:
            if refusal.reason == "date-out-of-range":
                raise
    if not readings:
        raise DateRefusal("date-malformed")
    if len(set(readings)) > 1:
        raise DayRefusal(
            "date-ambiguous", first=readings[0].isoformat(), second=readings[1].isoformat()
        )
    return readings[0]


def _day(year: str, month: str, day: str) -> date:
    try:
        return parse_date(date(int(year), int(month), int(day)))
    except (ValueError, OverflowError) as error:
        if isinstance(error, DateRefusal):
            raise
        raise DateRefusal("date-malformed") from error
