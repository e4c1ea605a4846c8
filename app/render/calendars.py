"""Course offerings as iCalendar files and feeds (RFC 5545)."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from app.core.catalogue import Course, CourseSession, CourseStatus, DeliveryMode, Offering
from app.core.languages import Language
from app.core.text import without_bad_characters
from app.lazy import lazy_module

if TYPE_CHECKING:
    import icalendar
else:
    icalendar = lazy_module("icalendar")

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
REFRESH = timedelta(hours=12)


def calendar_bytes(
    pairs: Iterable[tuple[Course, Offering]],
    *,
    name: str,
    host: str,
    language: Language,
    zone: tzinfo,
    addresses: dict[str, str],
) -> bytes:
    """Return all sessions of offerings as one calendar; `addresses` maps a course to its page.

    UID and SEQUENCE are stable, so that subscribers update entries instead of duplicating them. Times are local times
    in `zone`, with its VTIMEZONE included.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Voimavara//Courses//EN")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    for course, offering in pairs:
        for number, session in enumerate(offering.sessions, start=1):
            event = _event(course, offering, session, language=language, zone=zone)
            event.add("uid", f"{offering.external_id}-{number}@{host}")
            event.add("url", addresses[course.external_id])
            calendar.add_component(event)
    _describe_zone(calendar, zone)
    return bytes(calendar.to_ical())


def _event(
    course: Course, offering: Offering, session: CourseSession, *, language: Language, zone: tzinfo
) -> "icalendar.Event":
    event = icalendar.Event()
    changed = course.updated_at.astimezone(UTC)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    # Calendar programs keep the version with the higher number; the time of the last change only grows.
    event.add("sequence", max(0, int((changed - _EPOCH).total_seconds())))
    event.add("dtstart", session.start.astimezone(zone))
    event.add("dtend", session.end.astimezone(zone))
    event.add("summary", without_bad_characters(course.title.in_language(language)))
    description = "\n".join(filter(None, (course.description.in_language(language), offering.registration_url)))
    event.add("description", without_bad_characters(description))
    if offering.place and offering.mode is not DeliveryMode.ONLINE:
        event.add("location", without_bad_characters(offering.place))
    event.add("status", "CANCELLED" if offering.status is CourseStatus.CANCELLED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _describe_zone(calendar: "icalendar.Calendar", zone: tzinfo) -> None:
    """Add a VTIMEZONE for the years of the calendar unless the zone is UTC."""
    years = [event.get("dtstart").dt.astimezone(zone).year for event in calendar.walk("VEVENT")]
    for name in calendar.get_missing_tzids():
        first, last = (datetime(year, 1, 1, tzinfo=UTC) for year in (min(years), max(years) + 2))
        described = icalendar.Timezone()
        described.add("tzid", name)
        for part in _observances(zone, first, last):
            described.add_component(part)
        calendar.subcomponents.insert(0, described)


def _observances(
    zone: tzinfo, first: datetime, last: datetime
) -> Iterator["icalendar.TimezoneStandard | icalendar.TimezoneDaylight"]:
    """Yield the first observance of a zone and each change until `last`.

    The library's own VTIMEZONE is an hour late: it gives DTSTART in the new local time, and RFC 5545 (3.6.5) requires
    the old one.
    """
    before = first.astimezone(zone)
    for moment in (first, *_changes(zone, first, last)):
        after = moment.astimezone(zone)
        part = icalendar.TimezoneDaylight() if after.dst() else icalendar.TimezoneStandard()
        part.TZOFFSETFROM = before.utcoffset()
        part.TZOFFSETTO = after.utcoffset()
        part.add("tzname", after.tzname())
        part.DTSTART = (moment + (before.utcoffset() or timedelta())).replace(tzinfo=None)
        yield part
        before = after


def _changes(zone: tzinfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield each moment at which the UTC offset of the zone changes, to the second; at most one a day."""
    for day in range((last - first).days):
        start = first + timedelta(days=day)
        end = first + timedelta(days=day + 1)
        if _shown(zone, start) != _shown(zone, end):
            low = 0
            high = int((end - start).total_seconds())
            while high - low > 1:
                middle = (low + high) // 2
                same = _shown(zone, start + timedelta(seconds=middle)) == _shown(zone, start)
                low, high = (middle, high) if same else (low, middle)
            yield start + timedelta(seconds=high)


def _shown(zone: tzinfo, moment: datetime) -> tuple[timedelta | None, str | None]:
    local = moment.astimezone(zone)
    return local.utcoffset(), local.tzname()
