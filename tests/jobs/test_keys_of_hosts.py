"""Two hosts, each with its own folder of keys: a round is counted where its key lies, whoever leads."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.core.organisations import Community, CommunityKind, Municipality
from app.core.rounds import RoundState
from app.factory import build_scheduler
from app.jobs.scheduler import TaskContext
from app.services import counting, rounds
from app.store import organisations
from app.store import rounds as store
from app.store.database import read_session, write_session
from tests.services.factories import CLOSES, OPENS, SECRET, plan

pytestmark = pytest.mark.postgresql
MINUTE = timedelta(minutes=1)


class Lead:
    def __init__(self, mine):
        self.mine = mine

    def acquire(self):
        return self.mine

    def release(self):
        self.mine = False


@pytest.fixture
def database_kind():
    return "postgresql"


@pytest.fixture
def hosts(app, tmp_path):
    """A way to let two hosts tick; `leads` says which of them does what only a leader does."""
    given = app.extensions["voimavara"].settings
    folders = {name: tmp_path / name for name in ("first", "second")}
    for folder in folders.values():
        (folder / "keys").mkdir(parents=True)

    def tick(name, moment, *, leads):
        means = TaskContext(settings=replace(given, instance=folders[name]), secret=SECRET, now=moment)
        replace(build_scheduler(app), make_context=lambda: means, leadership=Lead(leads), host=name).run_due()

    yield tick, {name: folder / "keys" for name, folder in folders.items()}


@pytest.fixture
def number(session):
    school = Community("school", "School", "town", CommunityKind.SCHOOL, {"teachers": 12})
    organisations.upsert(
        session, municipalities=[Municipality("town", "Town")], communities=[school], region=("region", "Region")
    )
    found = plan(session)
    session.commit()
    return found


def state(number):
    with read_session() as session:
        return rounds.get_round(session, number).state


def certificate(number):
    with read_session() as session:
        return counting.find_certificate(session, number)


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_host_with_the_key_counts_and_cleans_though_another_leads(hosts, number):
    tick, folders = hosts
    tick("first", OPENS, leads=True)
    assert sorted(name.count(".") for name in files(folders["first"])) == [1, 2]  # the key itself, and the host's own
    assert files(folders["second"]) == []
    tick("second", CLOSES, leads=True)
    assert state(number) is RoundState.CLOSED
    tick("first", CLOSES, leads=False)
    assert (state(number), files(folders["first"])) == (RoundState.COUNTED, [])
    assert certificate(number).cleaned_at == CLOSES


def test_a_host_without_the_key_does_not_say_that_it_was_destroyed(hosts, number):
    tick, folders = hosts
    tick("first", OPENS, leads=True)
    kept = {path: path.read_bytes() for path in folders["first"].iterdir()}
    tick("first", CLOSES, leads=True)
    with read_session() as session:
        done = counting.find_certificate(session, number)
    assert done.cleaned_at == CLOSES
    for path, key in kept.items():  # as if the first host had died in the count's last moment
        path.write_bytes(key)
    uncleaned(number)
    tick("second", CLOSES + 5 * MINUTE, leads=True)
    assert certificate(number).cleaned_at is None
    tick("second", CLOSES + 20 * MINUTE, leads=True)
    assert certificate(number).cleaned_at == CLOSES + 20 * MINUTE
    tick("first", CLOSES + 60 * MINUTE, leads=False)
    assert files(folders["first"]) == []


def uncleaned(number):
    with read_session() as session:
        done = counting.find_certificate(session, number)
    with write_session() as session:
        store.set_certificate_and_wiped_flag(session, replace(done, cleaned_at=None))
