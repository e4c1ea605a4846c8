"""Backups are made while people answer, hold no key, and are put back whole or not at all."""

import os
import sqlite3
import stat
import zipfile
from threading import Event, Thread

import pytest
from sqlalchemy import text

from app.core.accounts import DeviceKind, LoginSession, SignInMethod
from app.core.ballots import ballot_size
from app.store import accounts, backups, login_sessions, read_only_mode
from app.store.database import database, write_session
from app.vault import boxes as vault
from tests.cli import installations
from tests.cli.installations import SENDER, answer, clean, count, is_unspent, lay_out, number_of, settings_of
from tests.conftest import NOON
from tests.databases import both_databases, fresh_postgresql
from tests.postgresql import binaries
from tests.services.factories import SECRET

BALLOT = ballot_size(6)


@pytest.fixture(autouse=True)
def own_programs(monkeypatch):
    """The programs that come with the server of the tests, in the place of older ones on this machine."""
    if binaries() is not None:
        monkeypatch.setenv("PATH", f"{binaries()}:{os.environ['PATH']}")


@pytest.fixture
def urls(database_kind, request):
    """The addresses of two databases without a table; of SQLite there is only one."""
    if database_kind == "sqlite":
        yield "", ""
        return
    server = request.getfixturevalue("postgresql_server")
    with fresh_postgresql(server, None) as one, fresh_postgresql(server, None) as other:
        yield one, other


@pytest.fixture
def service_app(tmp_path, urls):
    with installations.service_app(
        tmp_path / "installation", urls[0], smtp_url=f"smtp://voimavara:{SENDER}@127.0.0.1:1"
    ) as app:
        yield app


@pytest.fixture
def sqlite_house(tmp_path):
    with installations.service_app(tmp_path / "installation") as app:
        yield app


def run(app, *words, fails=False):
    said = app.test_cli_runner().invoke(args=list(words))
    assert (said.exit_code != 0) is fails, said.output
    return said.output


def back_up(app):
    run(app, "backup")
    return backups.backups(settings_of(app).backups)[-1][1]


@both_databases
def test_a_backup_put_back_counts_what_was_cast_before_it(service_app, urls, tmp_path):
    round_id, codes = lay_out(service_app)
    for code in codes[:10]:
        answer(code)
    file = back_up(service_app)
    answer(codes[10])
    with installations.installation(tmp_path / "installation", urls[1]) as app:
        said = run(app, "restore", str(file), "--yes")
        assert "may answer again" in said
        assert is_unspent(codes[10])
        assert not is_unspent(codes[9])
        answer(codes[10])
        assert count(app, round_id).counted == 11


@both_databases
def test_a_backup_holds_neither_key_nor_secret_nor_password(service_app, tmp_path):
    lay_out(service_app)
    (settings_of(service_app).instance / "config.py").write_text(f"SMTP_URL = 'smtp://x:{SENDER}@127.0.0.1'")
    keys = [path.read_bytes() for path in settings_of(service_app).keys.iterdir()]
    assert [len(key) for key in keys] == [32]
    file = back_up(service_app)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as archive:
        assert sorted(archive.namelist()) == ["database", "note.json"]
        packed = b"".join(archive.read(name) for name in archive.namelist())
    for told in (file.read_bytes(), packed, packed.lower()):
        for secret in (*keys, SECRET, SENDER.encode()):
            for form in (secret, secret.hex().encode()):
                assert form not in told


def test_the_test_above_would_find_a_key_in_the_database(sqlite_house):
    """What it looks for is found where it is, so that looking in vain means something."""
    round_id, _ = lay_out(sqlite_house)
    key = next(settings_of(sqlite_house).keys.iterdir()).read_bytes()
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE round SET box_salt = :key WHERE id = :id"), {"key": key, "id": round_id})
    with zipfile.ZipFile(back_up(sqlite_house)) as archive:
        assert key in archive.read("database")


def test_a_backup_is_of_one_moment_while_people_answer(sqlite_house):
    _, codes = lay_out(sqlite_house, people=60)
    stop = Event()

    def cast_all():
        with sqlite_house.app_context():
            for code in codes:
                answer(code)
                if stop.is_set():
                    break
            database.session.remove()

    writer = Thread(target=cast_all)
    writer.start()
    try:
        files = [back_up_at(sqlite_house, minute) for minute in range(3)]
    finally:
        stop.set()
        writer.join()
    for number, file in enumerate(files):
        copy = file.with_name(f"copy{number}")
        backups.extract_database(file, copy)
        with sqlite3.connect(copy) as connection:
            spent = connection.execute("SELECT count(*) FROM invitation WHERE spent").fetchone()[0]
        assert spent == ballots_in(copy)


def back_up_at(app, minute):
    app.extensions["voimavara"] = type(app.extensions["voimavara"])(
        settings=settings_of(app), clock=lambda: NOON.replace(minute=minute), secret=SECRET
    )
    return back_up(app)


def ballots_in(copy):
    with sqlite3.connect(copy) as connection:
        salt = connection.execute("SELECT box_salt FROM round").fetchone()[0]
        found = connection.execute("SELECT round_id, unit_id, number, blob FROM box").fetchall()
    key = vault.box_key(SECRET, salt)
    return sum(
        len(vault.extract_sealed_ballots(blob, key=key, name=vault.box_label(round_id, unit, number), size=BALLOT))
        for round_id, unit, number, blob in found
    )


def test_what_was_there_before_is_kept_and_can_be_put_back(sqlite_house):
    _, codes = lay_out(sqlite_house)
    file = back_up(sqlite_house)
    answer(codes[0])
    run(sqlite_house, "restore", str(file), "--yes")
    assert is_unspent(codes[0])
    (aside,) = settings_of(sqlite_house).backups.glob("*-before-restore.backup")
    aside = aside.rename(aside.with_name("kept.backup"))
    run(sqlite_house, "restore", str(aside), "--yes")
    assert not is_unspent(codes[0])
    with database.engine.connect() as connection:
        assert not read_only_mode.is_read_only(connection)


def test_a_round_that_was_counted_since_is_named(sqlite_house):
    round_id, codes = lay_out(sqlite_house)
    for code in codes:
        answer(code)
    file = back_up(sqlite_house)
    count(sqlite_house, round_id)
    clean(sqlite_house)
    said = run(sqlite_house, "restore", str(file), "--yes")
    assert f"Round {round_id} “Autumn” had been counted" in said
    assert "take this restore back" in said


def test_nobody_is_signed_in_after_a_restore(sqlite_house):
    with write_session() as session:
        who = accounts.add(session, email="a@example.org", name="A", language="fi", grants=(), now=NOON)
        login_sessions.add_session(
            session,
            b"a digest",
            LoginSession("", who, DeviceKind.COMPUTER, SignInMethod.PASSWORD, began_at=NOON, seen_at=NOON),
        )
        login_sessions.replace_one_time_link(session, b"another", who, expires_at=NOON)
    assert number_of("SELECT count(*) FROM signed_in") == number_of("SELECT count(*) FROM one_time_link") == 1
    run(sqlite_house, "restore", str(back_up(sqlite_house)), "--yes")
    assert number_of("SELECT count(*) FROM signed_in") == number_of("SELECT count(*) FROM one_time_link") == 0
    assert number_of("SELECT count(*) FROM account") == 1


@pytest.mark.parametrize("place", [0.1, 0.5, 0.9])
def test_a_damaged_backup_is_refused_and_nothing_is_touched(sqlite_house, place):
    _, codes = lay_out(sqlite_house)
    file = back_up(sqlite_house)
    answer(codes[0])
    content = bytearray(file.read_bytes())
    start = int(len(content) * place)
    content[start : start + 16] = bytes(byte ^ 255 for byte in content[start : start + 16])
    file.write_bytes(content)
    assert "damaged" in run(sqlite_house, "restore", str(file), "--yes", fails=True)
    assert not is_unspent(codes[0])
    assert not list(settings_of(sqlite_house).instance.glob(".restore-*"))


def test_half_a_backup_and_what_is_none_are_refused(sqlite_house, tmp_path):
    file = back_up(sqlite_house)
    (tmp_path / "half").write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    (tmp_path / "words").write_text("words")
    with zipfile.ZipFile(tmp_path / "other", "w") as archive:
        archive.writestr("note.json", "{}")
    for name in ("half", "words", "other"):
        assert "no backup" in run(sqlite_house, "restore", str(tmp_path / name), "--yes", fails=True)


def test_a_backup_of_another_installation_or_a_newer_version_is_refused(sqlite_house, tmp_path):
    file = back_up(sqlite_house)
    note = backups.read_manifest(file)
    content = tmp_path / "content"
    backups.extract_database(file, content)
    for word, changed in {
        "another secret": {"installation": "0" * 16},
        "does not know": {"migration": "9999"},
        "DATABASE_URL says sqlite": {"kind": "postgresql"},
    }.items():
        told = {name: getattr(note, name) for name in ("made_at", "kind", "migration", "installation")}
        backups.write_backup(content, backups.BackupManifest(**told | changed), tmp_path / "x.backup")
        assert word in run(sqlite_house, "restore", str(tmp_path / "x.backup"), "--yes", fails=True)
        (tmp_path / "x.backup").unlink()


@pytest.mark.postgresql
def test_a_postgresql_with_anything_in_it_is_not_restored_over(tmp_path, empty_postgresql):
    with installations.service_app(tmp_path / "installation", empty_postgresql) as app:
        file = back_up(app)
        assert "empty database" in run(app, "restore", str(file), "--yes", fails=True)


def test_a_database_that_cannot_be_read_is_put_aside_as_it_is(tmp_path):
    with installations.service_app(tmp_path / "installation") as app:
        _, codes = lay_out(app)
        file = back_up(app)
    broken = tmp_path / "installation" / "voimavara.db"
    broken.write_bytes(b"no database" * 1000)
    with installations.installation(tmp_path / "installation") as app:
        said = run(app, "restore", str(file), "--yes")
        assert "voimavara.db.damaged-" in said
        assert is_unspent(codes[0])
        assert stat.S_IMODE(broken.stat().st_mode) == 0o600


def test_a_restore_that_breaks_off_leaves_the_database_in_use(sqlite_house, monkeypatch):
    _, codes = lay_out(sqlite_house)
    file = back_up(sqlite_house)

    def break_off(engine, source):
        raise OSError("the disk is gone")

    monkeypatch.setattr("app.store.database_copies.restore_dump", break_off)
    run(sqlite_house, "restore", str(file), "--yes", fails=True)
    answer(codes[0])


def test_old_backups_are_deleted_and_a_backup_never_replaces_another(sqlite_house):
    first = back_up(sqlite_house)
    old = first.with_name("voimavara-20260901T000000Z.backup")
    old.write_bytes(b"old")
    strange = first.with_name("somebody-elses.backup")
    strange.write_bytes(b"kept")
    assert "there already" in run(sqlite_house, "backup", fails=True)
    first.unlink()
    assert "1 older than 35 days" in run(sqlite_house, "backup")
    assert not old.exists()
    assert strange.exists()
