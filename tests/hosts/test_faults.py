"""Too many at once, a full disk, a disk that can only be read, killed workers, a database that is gone.

Each time: a page that says so, nothing lost, nothing half-done, and recovery without hands.
"""

import errno
import os
import random
import shutil
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from sqlalchemy import text

from app.core.ballots import ballot_size
from app.core.rounds import BoxContent
from app.services import rounds
from app.store import boxes
from app.store import rounds as round_store
from app.vault import boxes as vault
from app.vault import round_keys as vault_keys
from tests.databases import both_databases, lay_out
from tests.hosts.disks import small_disk
from tests.hosts.respondents import Respondents, fields_of, post
from tests.hosts.servers import Host, Postgres, wait_until
from tests.hosts.test_two_hosts import SECRET, session_on
from tests.services.factories import plan, region

pytestmark = pytest.mark.slow
FLOOR_CLIENTS = 32
BALLOT = ballot_size(6)
OVERLOAD = 10 * FLOOR_CLIENTS
RESTING = {
    "fi": "Palvelu on hetken poissa",
    "sv": "Tjänsten är tillfälligt otillgänglig",
    "en": "The service is temporarily",
}


def open_round(url, keys, **sizes):
    """Open a round on a database; return its number and its codes."""
    now = datetime.now(UTC)
    with session_on(url) as session:
        number = plan(session, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1))
        area = region(**sizes)
        rounds.open_round(session, number, now=now, secret=SECRET, keys=keys, region=area)
        codes = [
            code for unit in sizes for code in rounds.issue_slip_codes(session, number, unit, secret=SECRET, now=now)
        ]
        session.commit()
    return number, codes


def ballots_and_spent(url, number, keys):
    """How many ballots lie in the boxes, opened with the round's key, and how many codes are spent."""
    with session_on(url) as session:
        salt = round_store.box_salt(session, number)
        secret_key = vault_keys.load_key_file(keys, number, public_key=round_store.public_key(session, number))
        found = 0
        for box in boxes.iterate_boxes(session, number):
            name = vault.box_label(number, box.unit_id, box.number, content=BoxContent.BALLOTS)
            key = vault.box_key(SECRET, salt)
            sealed = vault.extract_sealed_ballots(box.blob, key=key, name=name, size=BALLOT)
            found += sum(one is not None for one in vault.open_ballots(sealed, secret_key=secret_key))
        spent = session.execute(text("SELECT count(*) FROM invitation WHERE spent")).scalar()
    return found, spent


def host_on(folder, url, instance=None):
    made = Host(folder, url, instance=instance)
    made.instance.mkdir(exist_ok=True)
    (made.instance / "secret").write_bytes(SECRET)
    return made


@pytest.fixture
def host(tmp_path, database_url):
    made = host_on(tmp_path, database_url)
    yield made
    made.kill()


def get(host, path):
    connection = HTTPConnection(host.address, host.port, timeout=60)
    with closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()


def begin(host, code):
    """Open the questionnaire with a code; return what the last page would send."""
    status, _, page = post((host.address, host.port), "/en/code", {"code": code, "go": "next"})
    assert status == 200
    return fields_of(page) | {"step": "check", "go": "send", "q0": "2"}


def send(host, form, language="en"):
    return post((host.address, host.port), f"/{language}/send", form)


def assert_kept(answer, form, language="en"):
    """The page says in the reader's language that it rests, when to come back, and holds every answer."""
    status, headers, page = answer
    assert (status, headers["Retry-After"]) == (503, "30")
    assert RESTING[language] in page
    assert fields_of(page) == {name: value for name, value in form.items() if name != "go"}


@both_databases
def test_ten_times_as_many_as_usual_are_all_served(host, database_url):
    number, codes = open_round(database_url, host.instance / "keys", alder=OVERLOAD // 2, birch=OVERLOAD // 2)
    host.start()
    crowd = Respondents([(host.address, host.port)], codes, people=OVERLOAD, timeout=120).start()
    wait_until(lambda: sum(crowd.statuses.values()) > 20)
    assert get(host, "/healthz")[0] == 200  # in the middle of it
    fates = Counter(crowd.finish().fates.values())
    assert fates == {"thanked": OVERLOAD}, (fates, crowd.statuses)
    assert ballots_and_spent(database_url, number, host.instance / "keys") == (OVERLOAD, OVERLOAD)


@both_databases
def test_workers_killed_in_the_middle_lose_nothing(host, database_url):
    people = 60
    number, codes = open_round(database_url, host.instance / "keys", alder=people)
    host.start()
    crowd = Respondents([(host.address, host.port)], codes, people=12).start()
    for _ in range(4):
        before = sum(crowd.statuses.values())
        wait_until(lambda before=before: sum(crowd.statuses.values()) > before + 8 or not crowd.codes)
        for worker in random.sample(wait_until(host.workers), 1):
            os.kill(worker, signal.SIGKILL)
    fates = Counter(crowd.finish().fates.values())
    assert set(fates) <= {"thanked", "arrived"}, fates
    assert crowd.statuses["nobody"], "nobody noticed the kills"
    assert ballots_and_spent(database_url, number, host.instance / "keys") == (people, people)


@pytest.fixture
def disk(tmp_path):
    made = small_disk(tmp_path / "small")
    yield made
    made.remove()


@pytest.fixture
def on_disk(disk, tmp_path, request):
    """A host whose whole instance lies on the small disk, not started yet."""
    folder = disk.path / "instance"
    made = host_on(tmp_path, f"sqlite:///{folder}/voimavara.db", folder)
    shutil.copy(request.getfixturevalue("sqlite_template"), made.instance / "voimavara.db")
    yield made
    made.kill()


def test_a_full_disk_keeps_the_answers_on_the_page_until_there_is_room(on_disk, disk):
    keys = on_disk.instance / "keys"
    number, codes = open_round(on_disk.database_url, keys, alder=24)
    on_disk.start(workers=1)
    forms = [begin(on_disk, code) for code in codes[:6]]
    disk.fill()
    for language in ("fi", "sv", "en"):
        assert_kept(send(on_disk, forms[0], language), forms[0], language)
    assert all(send(on_disk, form)[0] == 503 for form in forms)
    assert get(on_disk, "/en/")[0] == 200
    with pytest.raises(OSError, match="No space left") as caught:
        vault_keys.save_key_file(keys, 99, vault_keys.draw_keypair())
    assert caught.value.errno == errno.ENOSPC
    assert not list(keys.glob("round-99-*")), "half a key looks like a key"
    disk.make_room()
    assert [send(on_disk, form)[0] for form in forms] == [303] * 6
    assert ballots_and_spent(on_disk.database_url, number, keys) == (6, 6)
    with closing(sqlite3.connect(on_disk.instance / "voimavara.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    told = [line for line in on_disk.log().splitlines() if "cannot be dealt with" in line]
    assert len(told) == 1, told  # not one for each request


def test_a_disk_that_can_only_be_read_is_told_and_needs_no_restart_afterwards(on_disk, disk):
    keys = on_disk.instance / "keys"
    number, codes = open_round(on_disk.database_url, keys, alder=24)
    on_disk.start(workers=1)
    form = begin(on_disk, codes[0])
    on_disk.kill()
    disk.only_read()
    on_disk.start(workers=1)
    assert_kept(send(on_disk, form), form)
    disk.only_read(False)
    assert wait_until(lambda: send(on_disk, form)[0] == 303, seconds=30)
    assert ballots_and_spent(on_disk.database_url, number, keys) == (1, 1)


@pytest.fixture
def postgres():
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    made = Postgres(folder)
    yield made.start()
    made.remove()


@pytest.mark.postgresql
def test_a_database_that_is_gone_or_may_only_be_read_is_told_and_comes_back_without_hands(postgres, tmp_path):
    lay_out(postgres.url)
    host = host_on(tmp_path, postgres.url)
    keys = host.instance / "keys"
    number, codes = open_round(postgres.url, keys, alder=24)
    try:
        host.start(workers=1)
        forms = [begin(host, code) for code in codes[:3]]
        postgres.stop()
        began = time.monotonic()
        for language in ("fi", "sv", "en"):
            assert_kept(send(host, forms[0], language), forms[0], language)
        assert time.monotonic() - began < 30
        assert get(host, "/readyz")[0] == 503
        assert get(host, "/healthz")[0] == 200
        postgres.start()
        assert send(host, forms[0])[0] == 303
        postgres.ask("ALTER DATABASE postgres SET default_transaction_read_only = on")
        postgres.ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        assert_kept(send(host, forms[1]), forms[1])
        with session_on(postgres.url) as session:
            session.execute(text("SET TRANSACTION READ WRITE"))
            session.execute(text("ALTER DATABASE postgres SET default_transaction_read_only = off"))
            session.commit()
        assert [send(host, form)[0] for form in forms[1:]] == [303, 303]
        assert ballots_and_spent(postgres.url, number, keys) == (3, 3)
    finally:
        host.kill()
