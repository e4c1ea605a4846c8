"""Offerings as calendar entries (RFC 5545), one file or a feed."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo

from icalendar import Calendar, Event

from app.core.catalogue import Course, Mode, Offering, Session, Status
from app.core.languages import Language

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
REFRESH = timedelta(hours=12)


def as_calendar(
    pairs: Iterable[tuple[Course, Offering]],
    *,
    name: str,
    host: str,
    language: Language,
    zone: tzinfo,
    addresses: dict[str, str],
) -> bytes:
    """Return every session of offerings as one calendar; `addresses` maps a course to its page.

    The identifier of an entry stays the same for ever, and its sequence grows with every change, so
    that a calendar that follows the feed changes an entry rather than doubling it. Times are those of
    the clock on the wall in `zone`, which is described in the calendar itself.
    """
    calendar = Calendar()
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


def _event(course: Course, offering: Offering, session: Session, *, language: Language, zone: tzinfo) -> Event:
    event = Event()
    changed = course.updated_at.astimezone(UTC)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    # Whoever follows a feed keeps the higher number; the moment of the last change only grows.
    event.add("sequence", max(0, int((changed - _EPOCH).total_seconds())))
    event.add("dtstart", session.start.astimezone(zone))
    event.add("dtend", session.end.astimezone(zone))
    event.add("summary", course.title.read(language))
    event.add("description", "\n".join(filter(None, (course.description.read(language), offering.registration_url))))
    if offering.place and offering.mode is not Mode.ONLINE:
        event.add("location", offering.place)
    event.add("status", "CANCELLED" if offering.status is Status.CANCELLED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _describe_zone(calendar: Calendar, zone: tzinfo) -> None:
    """Describe the zone for the years that the calendar speaks of."""
    years = [event.get("dtstart").dt.astimezone(zone).year for event in calendar.walk("VEVENT")]
    if years:
        calendar.add_missing_timezones(first_date=date(min(years), 1, 1), last_date=date(max(years) + 1, 12, 31))
