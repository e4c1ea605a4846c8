"""The way back from replaced publications: the version before must not print what was withdrawn."""

import flask_migrate
from sqlalchemy import text

from app.store.database import database
from tests.databases import both_databases
from tests.migrations.first_installation import OPEN_ROUND
from tests.migrations.test_installation import old_house

__all__ = ["old_house"]


def released():
    with database.engine.connect() as connection:
        return [number for (number,) in connection.execute(text(RELEASED))]


RELEASED = "SELECT round_id FROM publication WHERE released_at IS NOT NULL ORDER BY round_id"
REPLACED = f"UPDATE publication SET replaced_by = {OPEN_ROUND}, replaced_because = 'corrected'"


@both_databases
def test_what_was_replaced_is_not_released_after_the_step_back(old_house):
    flask_migrate.upgrade()
    assert released() == [1]
    with database.engine.begin() as connection:
        connection.execute(text(REPLACED))
    flask_migrate.downgrade(revision="0009")
    assert released() == []
