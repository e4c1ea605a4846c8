"""The step that lets more deeds stand in the trail keeps those that are there, both ways."""

import flask_migrate
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.audit import AuditEvent
from app.store.database import database
from tests.databases import both_databases
from tests.migrations.test_migrations import empty_url, service_app

__all__ = ["empty_url", "service_app"]


def put(number, deed):
    with database.engine.begin() as connection:
        row = f"({number}, '2026-11-24 12:00:00+00', '{deed}', 'round:1')"
        connection.execute(text(f"INSERT INTO audit_entry (id, at, deed, subject) VALUES {row}"))


def kept():
    with database.engine.connect() as connection:
        return [deed for (deed,) in connection.execute(text("SELECT deed FROM audit_entry ORDER BY id"))]


@both_databases
def test_every_deed_can_be_recorded_after_the_step_and_the_old_ones_survive_the_way_back(service_app):
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


@both_databases
def test_a_deleted_round_stays_in_the_log_as_the_version_before_writes_it(service_app):
    flask_migrate.upgrade(revision="0021")
    put(1, AuditEvent.ROUND_PREPARED.value)
    with pytest.raises(IntegrityError):
        put(2, AuditEvent.ROUND_DELETED.value)
    flask_migrate.upgrade()
    put(2, AuditEvent.ROUND_DELETED.value)
    assert kept() == ["round_prepared", "round_deleted"]
    flask_migrate.downgrade(revision="0021")
    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT deed, subject FROM audit_entry ORDER BY id")).all()
    assert [tuple(row) for row in rows] == [("round_prepared", "round:1"), ("round_prepared", "round:1 deleted")]


@both_databases
def test_a_confirmed_time_stays_in_the_log_as_a_preparation(service_app):
    flask_migrate.upgrade(revision="0022")
    with pytest.raises(IntegrityError):
        put(1, AuditEvent.CLOCK_CONFIRMED.value)
    flask_migrate.upgrade()
    put(1, AuditEvent.CLOCK_CONFIRMED.value)
    flask_migrate.downgrade(revision="0022")
    assert kept() == ["round_prepared"]
