"""Attack 15: find out from tables and messages when a person answered or was reminded."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import Date, DateTime, inspect, text

from app.core.audit import AuditEntry, AuditEvent
from app.services import rounds
from app.store import audit, invitations, jobs
from app.store.database import Base, UtcDateTime
from app.store.invitations import InvitationRow
from tests.attacks.scene import UNIT, scene
from tests.databases import both_databases
from tests.services.factories import NOON, SECRET

PEOPLE = [f"person{number:02}@school.example" for number in range(20)]
MINUTE = timedelta(minutes=1)
ANSWERED = {3: 1, 4: 2, 11: 1}  # how many in which minute
PERSONAL = {"digest", "contact"}


RUNS = "SELECT began_at, xmin::text::bigint AS number FROM job_run WHERE job = 'each_minute' ORDER BY 1"


def rows(round_):
    """Every row of every table, as text."""
    names = sorted(inspect(round_.engine).get_table_names())
    with round_.engine.connect() as connection:
        return {name: sorted(map(repr, connection.execute(text(f'SELECT * FROM "{name}"')))) for name in names}


def traces(url, folder):
    """Let four people answer at different moments; return what changed besides the box and the spent marks."""
    with scene(url, folder, people=40) as round_:
        before = rows(round_)
        for number, person in enumerate((7, 3, 21, 14)):
            round_.answer(person, [1, 2, 3], now=NOON + timedelta(hours=number))
        after = rows(round_)
    return {name: after[name] for name in after if after[name] != before[name]}


@both_databases
def test_answering_changes_the_box_and_the_mark_and_nothing_else(database_url, tmp_path):
    assert set(traces(database_url, tmp_path / "keys")) == {"box", "invitation"}


def test_no_table_has_a_person_and_a_time_in_one_row():
    times = (UtcDateTime, DateTime, Date)
    for table in Base.metadata.tables.values():
        columns = {column.name for column in table.columns}
        if columns >= PERSONAL or "contact" in columns or columns >= {"digest", "round_id", "unit_id"}:
            assert not [column.name for column in table.columns if isinstance(column.type, times)], table.name
    assert {column.name for column in InvitationRow.__table__.columns} >= PERSONAL


@both_databases
def test_those_to_remind_come_in_the_order_of_the_alphabet(database_url, tmp_path):
    """A batch is one list: neither the order of inviting nor of answering can be read from it."""
    with scene(database_url, tmp_path / "keys", people=40) as round_:
        with round_.transaction() as session:
            invitations.withdraw_unspent(session, round_.round_id, UNIT, kind="slip")
            drawn = rounds.issue_mailed_codes(session, round_.round_id, {UNIT: PEOPLE[::-1]}, secret=SECRET, now=NOON)
        round_.codes = [one.code for one in sorted(drawn, key=lambda one: one.contact)]
        for person in (11, 2, 5):
            round_.answer(person, [1])
        with round_.transaction() as session:
            reminded = rounds.addresses_with_unspent_codes(session, round_.round_id)
    assert reminded == tuple(one for number, one in enumerate(PEOPLE) if number not in {11, 2, 5})


def test_the_attack_finds_a_time_that_is_written_down(database_url, tmp_path, monkeypatch):
    plain = invitations.spend_codes

    def telling(session, digests, *, now):
        audit.add(session, AuditEntry(now, None, AuditEvent.SIGNED_IN, "somebody"))
        return plain(session, digests, now=now)

    monkeypatch.setattr(invitations, "spend_codes", telling)
    assert "audit_entry" in traces(database_url, tmp_path / "keys")


def minutes_of_answers(url, folder):
    """Let a job run every minute and people answer in some of them; return in which, as `xmin` beside a time tells."""
    with scene(url, folder, people=12) as round_:
        person = iter(range(12))
        for minute in range(20):
            with round_.transaction() as session:
                jobs.claim_slot(session, "each_minute", slot=NOON + minute * MINUTE, now=NOON + minute * MINUTE)
            for _ in range(ANSWERED.get(minute, 0)):
                round_.answer(next(person), [1])
        before = told_by_runs(round_)
        round_.close()
        round_.count()
        round_.clean()
        return before, told_by_runs(round_)


def told_by_runs(round_):
    """How many transactions lie between two runs in a row, where there were any."""
    with round_.engine.connect() as connection:
        found = connection.execute(text(RUNS)).all()
    counts = {int((at - NOON) / MINUTE): later - number - 1 for (at, number), (_, later) in pairwise(found)}
    return {minute: count for minute, count in counts.items() if count}


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_the_runs_of_jobs_do_not_tell_after_the_count_in_which_minutes_people_answered(database_url, tmp_path):
    before, after = minutes_of_answers(database_url, tmp_path / "keys")
    assert before == ANSWERED  # the attack works while the round is open
    assert after == {}


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_the_attack_finds_the_minutes_where_runs_are_not_forgotten(database_url, tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "delete_before_except_newest", lambda session, *, before: None)
    _before, after = minutes_of_answers(database_url, tmp_path / "keys")
    assert after == ANSWERED


@both_databases
def test_no_band_of_participation_outlives_the_count(database_url, tmp_path):
    """A band may be of a community of which nothing is published."""
    with scene(database_url, tmp_path / "keys", people=20) as round_:
        for person in range(4):
            round_.answer(person, [1])
        with round_.transaction() as session:
            rounds.refresh_participation(session, now=NOON)
            assert rounds.participation_bands_by_unit(session, round_.round_id) == {
                UNIT: "0-49"
            }  # 0-9 answers of 20 are one band
        round_.close()
        round_.count()
        with round_.transaction() as session:
            assert rounds.participation_bands_by_unit(session, round_.round_id) == {}
