"""Two real hosts share a round; the first is removed with its disk, and the second counts every ballot."""

import os
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest
from sqlalchemy import text

from app.config import ROOT
from app.core.rounds import KeyFate
from app.services import answering, counting, rounds
from app.store import round_key_copies
from app.vault import round_keys
from tests.databases import lay_out
from tests.hosts.servers import Host, Postgres, wait_until
from tests.hosts.test_two_hosts import SECRET, session_on
from tests.services.factories import plan, region

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]
PEOPLE = 12
MINUTES = 6 * 60  # each step of sharing takes up to a minute


@pytest.fixture
def postgres():
    folder = Path(tempfile.mkdtemp(prefix="pg"))  # short: a socket's path may have 107 bytes
    server = Postgres(folder)
    server.start()
    lay_out(server.url)
    yield server
    server.remove()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def hosts(postgres, tmp_path):
    found = [Host(tmp_path / name, postgres.url) for name in ("first", "second")]
    for host in found:
        host.instance.mkdir()
        (host.instance / "secret").write_bytes(SECRET)
    yield found
    for host in found:
        if host.process is not None:
            host.kill()


def run(host, *words):
    """Run a command on a host, as somebody who is signed in there."""
    environment = {
        "PATH": os.environ["PATH"],
        "VOIMAVARA_INSTANCE": str(host.instance),
        "VOIMAVARA_DATABASE_URL": host.database_url,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [sys.executable, "-m", "flask", "--app", "app", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def answered_round(url, keys):
    now = datetime.now(UTC)
    with session_on(url) as session:
        number = plan(session, opens_at=now - timedelta(days=1), closes_at=now + timedelta(days=1))
        rounds.open_round(session, number, now=now, secret=SECRET, keys=keys, region=region(alder=PEOPLE))
        for code in rounds.issue_slip_codes(session, number, "alder", secret=SECRET, now=now):
            answering.submit(session, code, ratings={"q0": 2}, group=None, comment=None, secret=SECRET, now=now)
        session.commit()
    return number


def test_the_second_host_counts_every_ballot_and_the_first_destroys_its_key_when_it_is_back(postgres, hosts):
    first, second = hosts
    number = answered_round(postgres.url, first.instance / "keys")
    first.start(workers=1)  # its other tasks are switched off
    second.start(workers=1, VOIMAVARA_JOBS="true")

    def is_shared():
        with session_on(postgres.url) as session:
            shares = round_key_copies.key_copies_of_round(session, number)
        no_file = not round_keys.has_secret_key_file_in_any_state(first.instance / "keys", number)
        return no_file and [share.can_open for share in shares] == [True, True]

    wait_until(is_shared, seconds=MINUTES, pause=1)
    first.kill()
    first.process = None
    gone = first.folder.rename(first.folder.with_name("removed"))
    assert run(second, "round", "close", str(number)).returncode == 0
    counted = run(second, "round", "count", str(number), "--anyway")
    assert counted.returncode == 0, counted.stderr
    assert f"counted {PEOPLE}, unreadable 0" in counted.stdout
    assert "key still to be destroyed on" in counted.stdout
    assert not list((second.instance / "keys").glob("round-*"))
    assert list((gone / "instance" / "keys").glob("round-*.host.key"))
    gone.rename(first.folder)
    first.start(workers=1)
    assert urlopen(f"http://{first.address}:{first.port}/healthz", timeout=60).status == 200
    assert not list((first.instance / "keys").glob("round-*")), "a key outlived the start"
    with session_on(postgres.url) as session:
        done = counting.find_certificate(session, number)
        assert session.execute(text("SELECT count(*) FROM round_key_share")).scalar() == 0
    assert (done.key_fate, done.hosts_with_keys) == (KeyFate.DESTROYED, ())
