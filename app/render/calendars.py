"""Offerings as calendar entries (RFC 5545), one file or a feed."""

from collections.abc import Iterable
from datetime import UTC, datetime

from icalendar import Calendar, Event

from app.core.catalogue import Course, Mode, Offering, Session, Status
from app.core.languages import Language


def as_calendar(
    pairs: Iterable[tuple[Course, Offering]], *, name: str, host: str, language: Language, addresses: dict[str, str]
) -> bytes:
    """Return every session of offerings as one calendar; `addresses` maps a course to its page.

    The identifier of an entry stays the same for ever, so that a calendar that follows the feed
    changes an entry rather than doubling it.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Voimavara//Courses//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for course, offering in pairs:
        for number, session in enumerate(offering.sessions, start=1):
            calendar.add_component(
                _event(
                    course, offering, session, number, host=host, language=language, url=addresses[course.external_id]
                )
            )
    return bytes(calendar.to_ical())


def _event(
    course: Course, offering: Offering, session: Session, number: int, *, host: str, language: Language, url: str
) -> Event:
    event = Event()
    event.add("uid", f"{offering.external_id}-{number}@{host}")
    event.add("dtstamp", _utc(course.updated_at))
    event.add("last-modified", _utc(course.updated_at))
    event.add("dtstart", _utc(session.start))
    event.add("dtend", _utc(session.end))
    event.add("summary", course.title.read(language))
    event.add("description", "\n".join(filter(None, (course.description.read(language), offering.registration_url))))
    if offering.place and offering.mode is not Mode.ONLINE:
        event.add("location", offering.place)
    event.add("url", url)
    event.add("status", "CANCELLED" if offering.status is Status.CANCELLED else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
