"""The clock in a calendar, read by a program that knows nothing but the file."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import icalendar
import pytest
from dateutil.tz import tzical

from app.core.catalogue import CourseSession
from app.core.languages import Language
from app.render.calendars import calendar_bytes
from tests.core.matching.synthetic_region import course, offering

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 15, 8, tzinfo=UTC)
YEAR = [START + number * HOUR for number in range(366 * 24)]


def written(zone):
    """A calendar with a session in each hour of the days on which clocks change: the text, and the sessions."""
    changes = [hour for hour in YEAR if hour.astimezone(zone).utcoffset() != (hour + HOUR).astimezone(zone).utcoffset()]
    near = [change + number * HOUR for change in changes or [START] for number in range(-30, 30)]
    sessions = tuple(CourseSession(hour, hour + HOUR) for hour in near)
    taught = course()
    pairs = [(taught, offering(sessions=sessions))]
    addresses = {taught.external_id: "https://kysely.example/courses/k"}
    content = calendar_bytes(
        pairs, name="Kurssit", host="kysely.example", language=Language.FI, zone=zone, addresses=addresses
    )
    return content.decode(), sessions


def described(text):
    """The clock as an independent reader of such descriptions understands it."""
    start = text.index("BEGIN:VTIMEZONE")
    end = text.index("END:VTIMEZONE") + len("END:VTIMEZONE")
    return tzical(StringIO(text[start:end].replace("\r\n", "\n"))).get()


def is_told_by_its_hands(there):
    """Whether a clock on the wall is enough: an hour that comes twice looks the same both times."""
    return there.replace(fold=0).utcoffset() == there.replace(fold=1).utcoffset()


ZONES = ["Europe/Helsinki", "Europe/Dublin", "America/Santiago", "Australia/Lord_Howe"]


@pytest.mark.parametrize("name", ZONES)
def test_every_hour_of_a_year_is_where_the_clock_on_the_wall_is(name):
    zone = ZoneInfo(name)
    clock = described(written(zone)[0])
    walls = [hour.astimezone(zone) for hour in YEAR]
    assert len({there.utcoffset() for there in walls}) == 2
    for hour, there in zip(YEAR, walls, strict=True):
        if is_told_by_its_hands(there):
            assert there.replace(tzinfo=clock).utcoffset() == there.utcoffset(), there
            assert there.replace(tzinfo=clock).astimezone(UTC) == hour


@pytest.mark.parametrize("name", ZONES)
def test_the_clock_is_changed_at_the_very_moment(name):
    zone = ZoneInfo(name)
    (told,) = icalendar.Calendar.from_ical(written(zone)[0]).walk("VTIMEZONE")
    moments, shown = told.get_transitions()
    for hour in YEAR:
        place = bisect_right(moments, hour.replace(tzinfo=None)) - 1
        assert (shown[place][0], shown[place][2]) == (hour.astimezone(zone).utcoffset(), hour.astimezone(zone).tzname())


@pytest.mark.parametrize("name", ZONES)
def test_what_is_held_when_clocks_change_is_read_at_its_moment(name):
    zone = ZoneInfo(name)
    text, sessions = written(zone)
    clock = described(text)
    entries = [one["dtstart"].dt.replace(tzinfo=clock) for one in icalendar.Calendar.from_ical(text).walk("VEVENT")]
    assert len(sessions) == 120
    for held, entry in zip(sessions, entries, strict=True):
        assert entry.astimezone(UTC) == held.start or not is_told_by_its_hands(held.start.astimezone(zone))


def test_the_clocks_of_helsinki_change_at_three_and_at_four():
    text, _ = written(ZoneInfo("Europe/Helsinki"))
    (zone,) = icalendar.Calendar.from_ical(text).walk("VTIMEZONE")
    lines = [one.to_ical().decode().split("\r\n") for one in zone.subcomponents]
    found = [(one[0], one[1]) for one in lines if one[1].startswith("DTSTART:2026")]
    assert found[1:] == [
        ("BEGIN:DAYLIGHT", "DTSTART:20260329T030000"),
        ("BEGIN:STANDARD", "DTSTART:20261025T040000"),
    ]


def test_times_of_utc_need_no_description():
    text, _ = written(UTC)
    assert "VTIMEZONE" not in text
    assert "DTSTART:20260115T080000Z" in text
