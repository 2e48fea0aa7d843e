from datetime import date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.testing.refusals import refused
from shared.values.periods import DateRefusal, IsoDate, OpenPeriod, Period, age_on, parse_date

_days = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    start = draw(_days)
    return Period(start=start, end=start + timedelta(days=draw(st.integers(1, 800))))


@given(periods())
def test_round_trip_on_the_wire(period: Period) -> None:
    written = period.model_dump_json()
    assert written == f'{{"from":"{period.start}","to":"{period.end}"}}'
    assert Period.model_validate_json(written) == period


@given(periods())
def test_contains_its_start_and_not_its_end(period: Period) -> None:
    assert period.contains(period.start)
    assert not period.contains(period.end)
    assert period.contains(period.end - timedelta(days=1))
    assert not period.contains(period.start - timedelta(days=1))


@given(periods(), periods())
def test_overlapping_is_sharing_a_day(one: Period, other: Period) -> None:
    latest_start = max(one.start, other.start)
    shares = one.contains(latest_start) and other.contains(latest_start)
    assert one.overlaps(other) == other.overlaps(one) == shares


@given(periods(), _days)
def test_an_open_period_runs_on(period: Period, day: date) -> None:
    running = OpenPeriod(start=day)
    assert running.contains(day)
    assert running.contains(date.max)
    assert running.overlaps(period) == period.overlaps(running) == (period.end > day)


def test_touching_periods_do_not_overlap() -> None:
    first = Period(start=date(2019, 1, 1), end=date(2020, 1, 1))
    assert not first.overlaps(Period(start=date(2020, 1, 1), end=date(2021, 1, 1)))


@given(_days, st.integers(0, 400))
def test_refuses_a_period_that_does_not_end_after_its_start(start: date, days: int) -> None:
    with pytest.raises(ValidationError) as refused:
        Period(start=start, end=start - timedelta(days=days))
    error = refused.value.errors()[0]
    assert error["type"] == "period_empty"
    assert "期间" in error["ctx"]["zh"]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2020, 1, 1), date(2021, 1, 1), True),
        (date(2019, 10, 1), date(2020, 10, 1), True),
        (date(2020, 1, 1), date(2020, 12, 31), False),
        (date(2020, 2, 29), date(2021, 2, 28), True),
        (date(2020, 2, 29), date(2021, 3, 1), False),
        (date(2019, 3, 1), date(2020, 2, 29), False),
    ],
)
def test_twelve_months(start: date, end: date, expected: bool) -> None:
    assert Period(start=start, end=end).is_twelve_months() is expected


@given(_days)
def test_every_day_starts_one_year(start: date) -> None:
    ends = [start + timedelta(days=days) for days in (364, 365, 366)]
    assert sum(Period(start=start, end=end).is_twelve_months() for end in ends) == 1


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2010, 9, 1), date(2016, 8, 31), 5),
        (date(2010, 9, 1), date(2016, 9, 1), 6),
        (date(2012, 2, 29), date(2018, 2, 28), 5),
        (date(2012, 2, 29), date(2018, 3, 1), 6),
        (date(2012, 2, 29), date(2020, 2, 29), 8),
        (date(2020, 6, 30), date(2020, 6, 30), 0),
    ],
)
def test_age(birth: date, day: date, age: int) -> None:
    assert age_on(birth, day) == age


@given(_days, _days)
def test_age_grows_by_one_on_the_birthday_only(birth: date, day: date) -> None:
    assume(birth <= day)
    step = age_on(birth, day + timedelta(days=1)) - age_on(birth, day)
    assert step in {0, 1}


def test_no_age_before_birth() -> None:
    with refused(DateRefusal, "not-yet-born"):
        age_on(date(2020, 6, 30), date(2020, 6, 29))


@given(_days)
def test_dates_round_trip(day: date) -> None:
    assert parse_date(day.isoformat()) == parse_date(day) == day


@pytest.mark.parametrize(
    "value",
    [
        "2020-02-30",
        "2020-6-1",
        "20200630",
        "2020-W26-2",
        "2020-06-30T00:00:00",
        "",
        1593475200,
        "２０２０-06-30",
        None,
        datetime.fromisoformat("2020-06-30T00:00:00+08:00"),
    ],
)
def test_refuses_other_dates(value: object) -> None:
    with refused(DateRefusal, "date-malformed"):
        parse_date(value)
    with pytest.raises(ValidationError):
        TypeAdapter(IsoDate).validate_python(value)


@pytest.mark.parametrize("value", ["0001-01-01", "1799-12-31", "3000-01-01", date.max, date.min])
def test_refuses_days_that_no_record_means(value: object) -> None:
    with refused(DateRefusal, "date-out-of-range"):
        parse_date(value)


@pytest.mark.parametrize("value", ["1800-01-01", "2999-12-31"])
def test_takes_the_first_and_the_last_day(value: str) -> None:
    assert parse_date(value).isoformat() == value


def test_schema_names_the_wire_members() -> None:
    schema = Period.model_json_schema()
    assert set(schema["required"]) == {"from", "to"}
    assert schema["properties"]["from"]["format"] == "date"
    assert OpenPeriod.model_json_schema()["required"] == ["from"]
