from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from app.cli.demo.courses import demo_catalogue_csv
from app.core.catalogue import DIMENSIONS, ChangeTarget
from app.core.matching.ranking import offerings_open_for_registration
from app.services import catalogue


def test_the_demo_catalogue_is_whole_and_ahead(session):
    today = date(2028, 9, 6)
    checked = catalogue.import_courses(
        session, demo_catalogue_csv(today), zone=ZoneInfo("Europe/Helsinki"), now=datetime(2028, 9, 6, 9, tzinfo=UTC)
    )
    courses = checked.courses
    assert len(courses) >= 40
    assert checked.offering_count >= 60
    assert {one.dimension for course in courses for one in course.dimensions} == set(DIMENSIONS)
    assert {course.target for course in courses} == set(ChangeTarget)
    assert sum(len(offerings_open_for_registration(course, today)) for course in courses) >= checked.offering_count - 1
    assert all(len({course.title.fi, course.title.sv, course.title.en}) == 3 for course in courses)
    weekdays = {one.start.weekday() for course in courses for time in course.offerings for one in time.sessions}
    assert not weekdays & {5, 6}
