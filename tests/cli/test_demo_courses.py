from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from app.cli.demo.courses import demo_catalogue
from app.core.catalogue import DIMENSIONS, Target
from app.core.matching.ranking import upcoming_offerings
from app.services import catalogue


def test_the_demo_catalogue_is_whole_and_ahead(session):
    today = date(2028, 9, 6)
    checked = catalogue.import_courses(
        session, demo_catalogue(today), zone=ZoneInfo("Europe/Helsinki"), now=datetime(2028, 9, 6, 9, tzinfo=UTC)
    )
    courses = checked.courses
    assert len(courses) >= 40
    assert checked.offerings >= 60
    assert {one.dimension for course in courses for one in course.dimensions} == set(DIMENSIONS)
    assert {course.target for course in courses} == set(Target)
    assert sum(len(upcoming_offerings(course, today)) for course in courses) >= checked.offerings - 1
    assert all(len({course.title.fi, course.title.sv, course.title.en}) == 3 for course in courses)
    weekdays = {one.start.weekday() for course in courses for time in course.offerings for one in time.sessions}
    assert not weekdays & {5, 6}
