"""Crosswalk tables are read with every fault in its place; free days keep eight weeks to every other survey."""

from datetime import date, timedelta

import pytest

from app.core.other_surveys import HEADER, GoodEnd, check_crosswalk_rows, crosswalk_table
from app.core.survey_calendar import SurveyDays, alternative_survey_days, assess_survey_conflict, surveys_nearby
from app.core.tables.cells import TableRow
from app.core.tables.errors import TableErrorCode
from app.core.working_days import is_working_day

DIMENSIONS = ("control", "demands")
GOOD = ("Kunta10", "demands", "Työn kuormittavuus", "", "Work strain", "low", "Manual, p. 3")
OTHER = ("Kunta10", "control", "Hallinta", "Kontroll", "Control", "high", "")


def read(*rows, known=()):
    lines = [TableRow(place, dict(zip(HEADER, row, strict=True))) for place, row in enumerate(rows, start=2)]
    return check_crosswalk_rows(lines, dimensions=DIMENSIONS, known=known)


def test_a_row_is_read_and_a_language_that_is_missing_takes_over_another():
    checked = read(GOOD, OTHER)
    assert checked.problems == () and len(checked.added) == 2
    first, second = checked.matches
    assert (first.scale.fi, first.scale.sv, first.scale.en) == (
        "Työn kuormittavuus",
        "Työn kuormittavuus",
        "Work strain",
    )
    assert (first.good_end, second.good_end) == (GoodEnd.LOW, GoodEnd.HIGH)
    assert first.source == "Manual, p. 3"


def test_what_is_written_is_read_back_as_unchanged():
    matches = read(GOOD, OTHER).matches
    again = read(*crosswalk_table(matches)[1:], known=matches)
    assert again.unchanged == matches
    assert again.added == again.changed == again.removed == again.problems == ()


def test_a_table_replaces_the_surveys_that_it_names_and_no_others():
    elsewhere = ("Wellbeing barometer", "control", "Influence", "", "", "high", "")
    known = read(GOOD, OTHER, elsewhere).matches
    checked = read((*GOOD[:5], "high", ""), known=known)
    assert [match.dimension for match in checked.changed] == ["demands"]
    assert [(match.survey, match.dimension) for match in checked.removed] == [("Kunta10", "control")]


@pytest.mark.parametrize(
    ("row", "column", "fault"),
    [
        (("", *GOOD[1:]), "survey", TableErrorCode.MISSING),
        (("x" * 121, *GOOD[1:]), "survey", TableErrorCode.TOO_LONG),
        (("KUNTA10", *GOOD[1:]), "survey", TableErrorCode.NAMED_OTHERWISE),
        ((GOOD[0], "hurry", *GOOD[2:]), "dimension", TableErrorCode.UNKNOWN_WORD),
        ((GOOD[0], "", *GOOD[2:]), "dimension", TableErrorCode.MISSING),
        ((*GOOD[:2], "", "", "", *GOOD[5:]), "scale_fi", TableErrorCode.MISSING),
        ((*GOOD[:2], "a\x07b", *GOOD[3:]), "scale_fi", TableErrorCode.UNPRINTABLE),
        ((*GOOD[:5], "up", ""), "good_end", TableErrorCode.UNKNOWN_WORD),
        ((*GOOD[:5], "", ""), "good_end", TableErrorCode.MISSING),
        (OTHER, "scale_fi", TableErrorCode.REPEATED),
    ],
)
def test_each_fault_is_told_with_row_and_column(row, column, fault):
    checked = read(OTHER, row)
    assert [(one.row, one.column, one.fault) for one in checked.problems] == [(3, column, fault)]


AUTUMN = SurveyDays("Autumn", date(2026, 11, 2), date(2026, 11, 15))
SPRING = SurveyDays("Spring", date(2027, 3, 1), date(2027, 3, 12))


def free(planned, others, earliest=date(2026, 1, 1)):
    return alternative_survey_days(planned, others, earliest=earliest, is_suitable=is_working_day)


def test_suggested_days_keep_eight_weeks_to_every_other_survey_and_are_as_long():
    planned = SurveyDays("New", date(2027, 1, 7), date(2027, 1, 20))
    before, after = free(planned, [AUTUMN, SPRING])
    for days in (before, after):
        assert surveys_nearby(days, [AUTUMN, SPRING]) == ()
        assert days.last - days.first == timedelta(days=13)
        assert is_working_day(days.first)
        # One working day nearer to what was planned would be too near to another survey.
        step = timedelta(days=1 if days is before else -1)
        nearer = days.first + step
        while not is_working_day(nearer):
            nearer += step
        assert surveys_nearby(days.moved_to(nearer), [AUTUMN, SPRING])


def test_nothing_is_suggested_before_the_earliest_day():
    planned = SurveyDays("New", date(2026, 12, 7), date(2026, 12, 18))
    (only,) = free(planned, [AUTUMN], earliest=date(2026, 11, 30))
    assert only.first > AUTUMN.last + timedelta(weeks=8)


def test_a_plan_in_the_past_gets_days_from_the_earliest_on():
    planned = SurveyDays("New", date(2026, 11, 3), date(2026, 11, 4))
    (only,) = free(planned, [AUTUMN], earliest=date(2027, 6, 1))
    assert only.first == date(2027, 6, 1)


def test_a_plan_that_fits_has_no_conflict_and_no_suggestion():
    planned = SurveyDays("New", date(2027, 6, 1), date(2027, 6, 4))
    conflict = assess_survey_conflict(planned, [AUTUMN, SPRING], earliest=date(2026, 1, 1))
    assert (conflict.nearby, conflict.suggestions) == ((), ())
