"""Attack 16: take a backup from the middle of a round; with the key it counts, without it nothing opens."""

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.core.rounds import KeyFate
from app.services import counting
from app.services.counting import key_sharing
from app.store import database_copies, publications
from app.store.database import standalone_engine
from app.vault import boxes as vault
from app.vault import round_keys as vault_keys
from app.vault.round_keys import InvalidKey
from tests.attacks import mutants
from tests.attacks.scene import UNIT, scene
from tests.databases import both_databases
from tests.postgresql import run_sql
from tests.services.factories import NOON, SECRET

pytestmark = pytest.mark.slow


@pytest.fixture
def restored_url(database_kind, database_url, tmp_path):
    """Where the backup is put back."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'restored.db'}"
        return
    yield f"{database_url}_restored"
    run_sql(database_url, f"DROP DATABASE IF EXISTS {database_url.rsplit('/', 1)[1]}_restored WITH (FORCE)")


def back_up(round_, restored_url):
    round_.engine.dispose()
    if restored_url.startswith("sqlite"):
        source = round_.engine.url.database
        for suffix in ("", "-wal"):
            if (path := source + suffix) and shutil.os.path.exists(path):
                shutil.copy(path, restored_url.removeprefix("sqlite:///") + suffix)
        return
    names = [url.rsplit("/", 1)[1] for url in (restored_url, round_.url)]
    run_sql(round_.url.rsplit("/", 1)[0] + "/postgres", f"CREATE DATABASE {names[0]} TEMPLATE {names[1]}")


@both_databases
def test_a_backup_from_the_middle_counts_every_ballot_with_the_key(database_url, restored_url, tmp_path):
    with scene(database_url, tmp_path / "keys") as round_:
        for person in range(15):
            round_.answer(person, [2] * 24)
        back_up(round_, restored_url)
        keys = tmp_path / "kept"
        shutil.copytree(round_.keys, keys)
        for person in range(15, 30):
            round_.answer(person, [4] * 24)
        round_.close()
        round_.count()
        round_.clean()
        round_.engine.dispose()
        round_.engine = standalone_engine(restored_url)
        round_.close()
        with pytest.raises(InvalidKey):
            round_.count()
        round_.keys = keys
        round_.count()
        with Session(round_.engine) as session:
            assert publications.find_including_replaced(session, round_.round_id).counted == 15
            assert counting.find_certificate(session, round_.round_id).unreadable == 0


@both_databases
def test_without_the_key_no_slot_of_a_backup_opens(database_url, tmp_path):
    with scene(database_url, tmp_path / "keys") as round_:
        for person in range(15):
            round_.answer(person, [2] * 24)
        key = vault.box_key(SECRET, round_.salt())
        name = vault.box_label(round_.round_id, UNIT, 0)
        sealed = vault.extract_sealed_ballots(round_.blob(), key=key, name=name, size=round_.ballot_size)
        assert len(sealed) == 15
        wrong = vault_keys.draw_keypair().secret
        assert list(vault.open_ballots(sealed, secret_key=wrong)) == [None] * 15
        assert None not in list(vault.open_ballots(sealed, secret_key=round_.round_key()))


@both_databases
def test_the_attack_reads_a_backup_without_any_key_where_ballots_are_not_sealed(database_url, tmp_path, monkeypatch):
    mutants.without_sealing(monkeypatch)
    with scene(database_url, tmp_path / "keys") as round_:
        round_.answer(0, [2] * 24)
        wrong = vault_keys.draw_keypair().secret
        assert round_.opened(round_.blob(), wrong) == [(1,) * 24]


ONLY_ON_A_SERVER = pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])


def restore_where_one_host_is_left(round_, restored_url, file):
    """Put the service's own backup back, after the count, where one host kept its folder; return whether it opens."""
    kept = {}
    for name, keys in (("first", round_.keys), ("second", round_.second_keys)):
        kept[name] = keys.with_name(f"kept by the {name} host")
        shutil.copytree(keys, kept[name])
    database_copies.dump_database(round_.engine, file)
    round_.close()
    round_.count()
    round_.clean()
    run_sql(round_.url.rsplit("/", 1)[0] + "/postgres", f"CREATE DATABASE {restored_url.rsplit('/', 1)[1]}")
    round_.engine.dispose()
    round_.engine = standalone_engine(restored_url)
    database_copies.restore_dump(round_.engine, file)
    for minute in range(4):
        with round_.transaction() as session:
            now = NOON + timedelta(minutes=minute)
            counting.share_round_keys_among_hosts(session, key_sharing.HostContext(kept["first"], SECRET, now, "first"))
    with round_.session() as session:
        return counting.can_open(session, round_.round_id, keys=kept["first"]), kept


@ONLY_ON_A_SERVER
def test_a_backup_of_a_shared_round_counts_with_two_folders_and_opens_nothing_with_one(
    database_url, restored_url, tmp_path
):
    with scene(database_url, tmp_path / "keys") as round_:
        for person in range(15):
            round_.answer(person, [2] * 24)
        opens, kept = restore_where_one_host_is_left(round_, restored_url, tmp_path / "backup")
        assert not opens
        round_.close()
        round_.keys = kept["first"]
        with pytest.raises(InvalidKey):
            round_.count()
        shutil.copytree(kept["second"], kept["first"], dirs_exist_ok=True)
        round_.count()
        round_.clean()
        with round_.session() as session:
            assert publications.find_including_replaced(session, round_.round_id).counted == 15
            assert counting.find_certificate(session, round_.round_id).key_fate is KeyFate.DESTROYED
            assert session.execute(text("SELECT count(*) FROM round_key_share")).scalar() == 0


@ONLY_ON_A_SERVER
def test_the_attack_opens_a_backup_with_one_folder_where_it_holds_the_shares(
    database_url, restored_url, tmp_path, monkeypatch
):
    mutants.with_shares_in_backups(monkeypatch)
    with scene(database_url, tmp_path / "keys") as round_:
        round_.answer(0, [2] * 24)
        opens, _ = restore_where_one_host_is_left(round_, restored_url, tmp_path / "backup")
    assert opens
