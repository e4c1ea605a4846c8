"""Two hosts with two workers each on one PostgreSQL, their clocks two minutes apart, while people answer.

A leader is killed, another freezes, loses its lock and comes back, a third is cut off, the database falls over:
nothing is done twice, nothing is missed, no ballot is lost, and no code is spent without its ballot.
"""

import os
import shutil
import signal
import tempfile
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.organisations import Community, CommunityKind, Municipality
from app.core.rounds import RoundState
from app.services import counting, organisations, rounds
from app.store import organisations as places
from app.store import publications
from app.store.database import standalone_engine
from tests.databases import lay_out
from tests.hosts.networks import network
from tests.hosts.respondents import Respondents
from tests.hosts.servers import Host, Postgres, free_port, wait_until
from tests.services.factories import plan

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]
SECRET = b"one secret for every host......."
UNITS = {"alder": 60, "birch": 60, "cedar": 60}
SKEW = 120
SOME = 8  # marks that tell that the jobs go on


@contextmanager
def session_on(url):
    engine = standalone_engine(url)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


@dataclass
class Scene:
    """What runs: the database, the two hosts, and the round that people answer."""

    postgres: Postgres
    hosts: list[Host]
    net: object
    round_id: int
    codes: list[str]

    def all(self, query):
        """Ask the database, however often it falls over."""
        with session_on(self.postgres.url) as session:
            return session.execute(text(query)).all()

    def marks(self):
        return self.all("SELECT slot, process FROM mark ORDER BY slot")

    def leader(self):
        """The host and the process that left the newest mark."""
        before = len(self.marks())
        wait_until(lambda: len(self.marks()) > before)
        found = self.all("SELECT process FROM mark ORDER BY xmin::text::bigint DESC LIMIT 1")[0][0]
        return next((host, found) for host in self.hosts if found in host.workers())

    def let_jobs_go_on(self, but=()):
        """Wait until processes other than those in `but` have left some marks."""
        before = Counter(process for _, process in self.marks())

        def enough():
            now = Counter(process for _, process in self.marks()) - before
            return sum(n for process, n in now.items() if process not in but) >= SOME

        wait_until(enough)

    @contextmanager
    def session(self):
        with session_on(self.postgres.url) as session:
            yield session


def lay_out_round(url, keys):
    """Open a round for every unit; return its number and the codes."""
    now = datetime.now(UTC)
    with session_on(url) as session:
        schools = [
            Community(name, name.title(), "town", CommunityKind.SCHOOL, {"teachers": n}) for name, n in UNITS.items()
        ]
        places.upsert(
            session, municipalities=[Municipality("town", "Town")], communities=schools, region=("region", "Region")
        )
        round_id = plan(session, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1))
        area = organisations.region(session)
        rounds.open_round(session, round_id, now=now, secret=SECRET, keys=keys, region=area)
        codes = [
            code for unit in UNITS for code in rounds.issue_slip_codes(session, round_id, unit, secret=SECRET, now=now)
        ]
        session.execute(text("CREATE TABLE mark (slot VARCHAR(40), process INTEGER)"))
        session.commit()
    return round_id, codes


@pytest.fixture
def scene(tmp_path):
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path may have 107 bytes
    with network() as net:
        postgres = Postgres(folder, address=net.middle, subnet=net.subnet)
        hosts = []
        try:
            postgres.start()
            lay_out(postgres.url)
            for name, place in zip(("first", "second"), net.hosts, strict=True):
                port = 5000 if place.enter else free_port(place.address)
                host = Host(
                    tmp_path / name,
                    postgres.url,
                    address=place.address,
                    port=port,
                    enter=place.enter,
                    application="tests.hosts.wrong_clock",
                )
                host.instance.mkdir()
                (host.instance / "secret").write_bytes(SECRET)
                hosts.append(host)
            made = Scene(postgres, hosts, net, *lay_out_round(postgres.url, hosts[0].instance / "keys"))
            hosts[0].start(TEST_SKEW="0")
            hosts[1].start(TEST_SKEW=str(SKEW))
            yield made
        finally:
            for host in hosts:
                host.kill()
            postgres.remove()
            shutil.rmtree(folder, ignore_errors=True)


def disturb(scene):
    """Kill a leader, let the database fall over, freeze a leader whose lock is taken away, pull a leader's cable."""
    _, process = scene.leader()
    os.kill(process, signal.SIGKILL)
    scene.let_jobs_go_on(but=(process,))

    scene.postgres.stop()
    time.sleep(1)
    scene.postgres.start()
    scene.let_jobs_go_on()

    _, frozen = scene.leader()
    os.kill(frozen, signal.SIGSTOP)
    scene.postgres.ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'voimavara jobs'"
    )
    scene.let_jobs_go_on(but=(frozen,))
    os.kill(frozen, signal.SIGCONT)
    scene.let_jobs_go_on()

    host, _ = scene.leader()
    place = next(one for one in scene.net.hosts if one.address == host.address)
    if place.cable:  # on loopback there is none to pull
        cut_off = tuple(host.workers())
        place.cut()
        scene.let_jobs_go_on(but=cut_off)
        place.mend()
        scene.let_jobs_go_on()


def end_round(scene):
    """Let the round's last moment come, and wait for its count."""
    with scene.session() as session:
        last = datetime.now(UTC) - timedelta(seconds=1)
        session.execute(text("UPDATE round SET closes_at = :last"), {"last": last})
        session.commit()

    def certificate():
        with scene.session() as session:
            found = counting.find_certificate(session, scene.round_id)
            return found if found is not None and found.cleaned_at is not None else None

    return wait_until(certificate)


def test_two_hosts_do_nothing_twice_and_lose_nothing(scene):
    people = Respondents([(host.address, host.port) for host in scene.hosts], scene.codes).start()
    disturb(scene)
    fates = Counter(people.finish().fates.values())
    assert set(fates) <= {"thanked", "arrived"}, fates
    assert sum(fates.values()) == sum(UNITS.values())
    assert scene.all("SELECT count(*) FROM invitation WHERE NOT spent") == [(0,)]

    twice = {slot: n for slot, n in Counter(slot for slot, _ in scene.marks()).items() if n > 1}
    assert not twice
    done_by = {process for _, process in scene.marks()}
    assert len(done_by) > 1, "the jobs never changed hands"

    certificate = end_round(scene)
    assert (certificate.counted, certificate.unreadable) == (sum(UNITS.values()), 0)
    with scene.session() as session:
        assert rounds.get_round(session, scene.round_id).state is RoundState.COUNTED
        assert publications.find_including_replaced(session, scene.round_id).counted == sum(UNITS.values())
    # Each host destroys what it holds at its next turn, whichever of them counted.
    assert wait_until(lambda: not any(list((host.instance / "keys").glob("round-*.key")) for host in scene.hosts))
