"""Attack 15: find out from tables and letters when a person answered or was reminded."""

from datetime import timedelta

from sqlalchemy import Date, DateTime, inspect, text

from app.core.audit import Deed, Entry
from app.services import rounds
from app.store import audit, invitations
from app.store.database import Base, Moment
from app.store.invitations import InvitationRow
from tests.attacks.scene import UNIT, scene
from tests.databases import both_databases
from tests.services.laying_out import NOON, SECRET

PEOPLE = [f"person{number:02}@school.example" for number in range(20)]
PERSONAL = {"digest", "contact"}


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
    times = (Moment, DateTime, Date)
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
            drawn = rounds.invite(session, round_.round_id, {UNIT: PEOPLE[::-1]}, secret=SECRET, now=NOON)
        round_.codes = [one.code for one in sorted(drawn, key=lambda one: one.contact)]
        for person in (11, 2, 5):
            round_.answer(person, [1])
        with round_.transaction() as session:
            reminded = rounds.unspent_contacts(session, round_.round_id)
    assert reminded == tuple(one for number, one in enumerate(PEOPLE) if number not in {11, 2, 5})


def test_the_attack_finds_a_time_that_is_written_down(database_url, tmp_path, monkeypatch):
    plain = invitations.spend

    def telling(session, digest, *, now):
        audit.add(session, Entry(now, None, Deed.SIGNED_IN, "somebody"))
        return plain(session, digest, now=now)

    monkeypatch.setattr(invitations, "spend", telling)
    assert "audit_entry" in traces(database_url, tmp_path / "keys")
