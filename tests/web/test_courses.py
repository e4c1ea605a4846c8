import json
import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import icalendar
import pytest

from app.cli.demo.courses import demo_catalogue_csv
from app.services import catalogue

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def client(app, session):
    catalogue.import_courses(session, demo_catalogue_csv(NOW.date()), zone=ZoneInfo("Europe/Helsinki"), now=NOW)
    session.commit()
    return app.test_client()


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_the_catalogue_is_open_to_everybody_in_each_language(client, language):
    page = client.get(f"/courses/?lang={language}")
    assert page.status_code == 200
    assert f'<html lang="{language}">' in page.text
    assert "Set-Cookie" not in page.headers


def test_courses_are_chosen_by_word_area_dimension_and_language(client):
    assert page_titles(client, "q=palautumisen") == ["Palautumisen taidot"]
    assert set(page_titles(client, "area=leadership")) < {
        one for page in (1, 2, 3) for one in page_titles(client, f"page={page}")
    }
    assert "Kuunteleva johtaja" not in page_titles(client, "dimension=demands")
    assert page_titles(client, "q=nothing+like+this") == []


def page_titles(client, query):
    return re.findall(r"<h2><a [^>]*>([^<]*)", client.get(f"/courses/?lang=fi&{query}").text)


def test_a_course_page_holds_linked_data(client):
    page = client.get("/courses/TYO-01?lang=en")
    assert "Cutting unnecessary work" in page.text
    document = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page.text)[1])
    (course,) = document["@graph"]
    assert course["@type"] == "Course"
    assert course["hasCourseInstance"][0]["@type"] == "CourseInstance"
    assert document["@context"][0] == "https://schema.org"


def test_a_text_cannot_leave_the_script(app, session):
    content = demo_catalogue_csv(NOW.date()).replace(
        "Työn karsinta yhdessä".encode(), b"</script><script>alert(1)</script>"
    )
    catalogue.import_courses(session, content, zone=ZoneInfo("Europe/Helsinki"), now=NOW)
    session.commit()
    text = app.test_client().get("/courses/TYO-01?lang=fi").text
    assert "<script>alert" not in text


def test_an_unknown_course_is_not_found(client):
    assert client.get("/courses/none").status_code == 404
    assert client.get("/courses/times/none.ics").status_code == 404


def test_an_offering_goes_into_a_calendar(client):
    answer = client.get("/courses/times/TYO-01-a.ics?lang=sv")
    calendar = icalendar.Calendar.from_ical(answer.data)
    events = [part for part in calendar.walk("VEVENT")]
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert [str(event["summary"]) for event in events] == ["Rensa i arbetet tillsammans"] * 2
    assert events[0]["dtstart"].dt.tzinfo is not None
    assert len({str(event["uid"]) for event in events}) == 2


def test_the_feed_holds_every_dated_session_once(client, session):
    calendar = icalendar.Calendar.from_ical(client.get("/courses/calendar.ics").data)
    sessions = [one for course in catalogue.courses(session) for time in course.offerings for one in time.sessions]
    events = list(calendar.walk("VEVENT"))
    assert len(events) == len(sessions)
    assert len({str(event["uid"]) for event in events}) == len(events)
    assert "CANCELLED" in {str(event["status"]) for event in events}


def feed(client, path="calendar.ics"):
    return icalendar.Calendar.from_ical(client.get(f"/courses/{path}?lang=fi").data)


def entries(calendar):
    return {str(one["uid"]): one for one in calendar.walk("VEVENT")}


def test_an_entry_stands_at_the_hour_of_the_clock_on_the_wall_summer_and_winter(client, session):
    calendar = feed(client)
    (zone,) = calendar.walk("VTIMEZONE")
    assert str(zone["tzid"]) == "Europe/Helsinki"
    described = zone.to_tz()  # as a client does that knows nothing but the file
    hours = set()
    for course in catalogue.courses(session):
        for time in course.offerings:
            for number, held in enumerate(time.sessions, start=1):
                entry = entries(calendar)[f"{time.external_id}-{number}@127.0.0.1"]
                assert entry["dtstart"].params["TZID"] == "Europe/Helsinki"
                assert entry["dtstart"].dt.replace(tzinfo=described).astimezone(UTC) == held.start.astimezone(UTC)
                hours.add(held.start.astimezone(ZoneInfo("Europe/Helsinki")).utcoffset())
    assert len(hours) == 2


def test_a_moved_time_keeps_its_identifier_and_its_sequence_grows(client, session):
    before = entries(feed(client, "times/TYO-01-a.ics"))
    written = catalogue.export(session, "csv", zone=ZoneInfo("Europe/Helsinki"), address=str).decode("utf-8-sig")
    start = entries(feed(client))["TYO-01-a-1@127.0.0.1"]["dtstart"].dt
    moved = written.replace(start.strftime("%Y-%m-%dT%H:%M"), start.strftime("%Y-%m-%dT11:45"))
    assert moved != written
    # The file bears the moment of the last change as it was exported: what changed is later all the same.
    catalogue.import_courses(session, moved.encode(), zone=ZoneInfo("Europe/Helsinki"), now=NOW)
    session.commit()
    after = entries(feed(client, "times/TYO-01-a.ics"))
    assert set(after) == set(before)
    one = "TYO-01-a-1@127.0.0.1"
    assert after[one]["dtstart"].dt.hour == 11 and before[one]["dtstart"].dt.hour != 11
    assert after[one]["sequence"] > before[one]["sequence"]
    assert after[one]["last-modified"].dt > before[one]["last-modified"].dt


def test_a_feed_says_what_the_standard_asks_of_it(client):
    calendar = feed(client)
    assert [str(calendar[name]) for name in ("version", "prodid")] == ["2.0", "-//Voimavara//Courses//EN"]
    assert "method" not in calendar  # it is no invitation, and has no organiser to answer
    for entry in entries(calendar).values():
        assert entry["dtstamp"].dt.utcoffset().total_seconds() == 0
        assert entry["dtend"].dt > entry["dtstart"].dt
        assert not entry.errors
    assert not calendar.errors


def test_every_line_of_a_calendar_is_as_long_as_the_standard_allows(client):
    lines = client.get("/courses/calendar.ics").data.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75


def test_the_linked_data_file_can_be_imported(client, app, session):
    content = client.get("/courses/catalogue.jsonld").data
    for course in catalogue.courses(session):
        catalogue.remove_course(session, course.external_id, by=None, now=NOW)
    checked = catalogue.import_courses(session, content, zone=ZoneInfo("Europe/Helsinki"), now=NOW)
    assert len(checked.courses) >= 40
