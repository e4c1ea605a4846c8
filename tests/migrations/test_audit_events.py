"""The step that lets more deeds stand in the trail keeps those that are there, both ways."""

import flask_migrate
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.audit import AuditEvent
from app.store.database import database
from tests.databases import both_databases
from tests.migrations.test_migrations import empty_url, house

__all__ = ["empty_url", "house"]


def put(number, deed):
    with database.engine.begin() as connection:
        row = f"({number}, '2026-11-24 12:00:00+00', '{deed}', 'round:1')"
        connection.execute(text(f"INSERT INTO audit_entry (id, at, deed, subject) VALUES {row}"))


def kept():
    with database.engine.connect() as connection:
        return [deed for (deed,) in connection.execute(text("SELECT deed FROM audit_entry ORDER BY id"))]


@both_databases
def test_every_deed_can_be_recorded_after_the_step_and_the_old_ones_survive_the_way_back(house):
    flask_migrate.upgrade(revision="0002")
    put(1, AuditEvent.ROUND_RELEASED.value)
    with pytest.raises(IntegrityError):
        put(2, AuditEvent.TRAIL_READ.value)
    flask_migrate.upgrade()
    for number, deed in enumerate(AuditEvent, start=10):
        put(number, deed.value)
    with pytest.raises(IntegrityError):
        put(99, "something_else")
    assert len(kept()) == len(AuditEvent) + 1
    flask_migrate.downgrade(revision="0002")
    assert kept()[0] == "round_released"
    assert "trail_read" not in kept() and "account_changed" in kept()
