"""The migration to small rows about released surveys fills them from the publications of earlier versions."""

import flask_migrate
from sqlalchemy import inspect

from app.store import publications, released_surveys
from app.store.database import database, read_session
from app.store.feedback_versions import newest_regional_survey_and_courses_version
from tests.databases import both_databases
from tests.migrations.test_installation import old_house

__all__ = ["old_house"]


def newest_regional_survey(session):
    return newest_regional_survey_and_courses_version(session)[0]


@both_databases
def test_an_installation_of_the_first_day_gets_the_rows_of_its_released_surveys(old_house):
    flask_migrate.upgrade()
    with read_session() as session:
        latest = publications.load_released_surveys(session)
        assert latest.newest_of_whole_region is not None
        assert newest_regional_survey(session).round == latest.newest_of_whole_region.round
        assert released_surveys.rounds_with_summary(session) == {survey.round for survey in latest.surveys}
        units = {unit.id for survey in latest.surveys for unit in survey.region.units}
        assert set(released_surveys.newest_round_by_unit(session)) == units
    flask_migrate.downgrade(revision="0015")
    assert not inspect(database.engine).has_table("released_survey")
    flask_migrate.upgrade()
    with read_session() as session:
        assert newest_regional_survey(session).round == latest.newest_of_whole_region.round
