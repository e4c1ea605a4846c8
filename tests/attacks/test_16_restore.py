"""Attack 16: take a backup from the middle of a round; with the key it counts, without it nothing opens."""

import shutil

import pytest
from sqlalchemy.orm import Session

from app.services import counting
from app.store import publications
from app.store.database import standalone_engine
from app.vault import boxes as vault
from app.vault import round_keys as vault_keys
from app.vault.round_keys import InvalidKey
from tests.attacks import mutants
from tests.attacks.scene import UNIT, scene
from tests.databases import both_databases
from tests.postgresql import run_sql
from tests.services.factories import SECRET

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
            assert counting.certificate(session, round_.round_id).unreadable == 0


@both_databases
def test_without_the_key_no_slot_of_a_backup_opens(database_url, tmp_path):
    with scene(database_url, tmp_path / "keys") as round_:
        for person in range(15):
            round_.answer(person, [2] * 24)
        key = vault.box_key(SECRET, round_.salt())
        name = vault.box_label(round_.round_id, UNIT, 0)
        sealed = vault.decrypt_sealed_ballots(round_.blob(), key=key, name=name, size=round_.ballot_size)
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
