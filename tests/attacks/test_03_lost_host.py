"""Attack 3, where two hosts share the key: the database, every backup and the disk of a lost host, after the count."""

import pytest
from sqlalchemy import update

from app.services import counting
from app.services.counting import key_sharing
from app.store import round_key_copies
from app.store.round_key_copies import RoundKeyCopyRow
from app.vault import host_keys, round_keys
from tests.attacks import mutants
from tests.attacks.handbook_server import postgresql_server as postgresql_server
from tests.attacks.handbook_server import postgresql_template as postgresql_template
from tests.attacks.lost_host import BALLOTS, attacked
from tests.attacks.scene import scene
from tests.services.factories import SECRET

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]


@pytest.fixture
def database_kind():
    return "postgresql"


@pytest.mark.parametrize("lost", ["first", "second"])
def test_a_lost_disk_with_the_database_and_every_backup_opens_no_ballot(database_url, tmp_path, lost):
    loot = attacked(database_url, tmp_path, lost=lost)
    assert loot.ballots(loot.lost_disk) == 0
    assert loot.ballots(loot.other_disk) == 0
    assert loot.ballots(loot.lost_disk, loot.other_disk) == 0
    everything = [loot.left, *loot.backups, *loot.lost_disk, *loot.other_disk]
    assert not any(loot.round_key in one or loot.round_key.hex().encode() in one for one in everything)
    assert not any(share in loot.left for share in loot.shares)
    assert all(loot.blob.hex().encode() in one for one in loot.backups[1:3])  # with the key they would be read


def test_a_host_that_returns_after_the_count_leaves_nothing_on_its_disk(database_url, tmp_path):
    loot = attacked(database_url, tmp_path, returns=True)
    own = [
        host_keys.secret_key_from_sealed_copy(
            share, round_keys.Keypair(round_keys.public_key_of(content), content), round_public=b""
        )
        for share in loot.shares
        for content in loot.lost_disk
        if len(content) == round_keys.KEY_BYTES
    ]
    assert not any(own)
    assert not any(share in loot.lost_disk for share in loot.shares)
    assert loot.ballots(loot.lost_disk, loot.other_disk) == 0


def test_the_attack_opens_backups_that_hold_the_shares(database_url, tmp_path, monkeypatch):
    mutants.with_shares_in_backups(monkeypatch)
    loot = attacked(database_url, tmp_path)
    assert loot.ballots(loot.lost_disk) == BALLOTS


def test_the_attack_opens_backups_where_the_lost_host_kept_its_own_share(database_url, tmp_path, monkeypatch):
    mutants.with_own_shares_on_the_disk(monkeypatch)
    loot = attacked(database_url, tmp_path)
    assert loot.ballots(loot.lost_disk) == BALLOTS


def test_the_attack_opens_backups_where_the_key_file_was_kept(database_url, tmp_path, monkeypatch):
    mutants.with_the_key_file_kept(monkeypatch)
    loot = attacked(database_url, tmp_path)
    assert loot.ballots(loot.lost_disk) == BALLOTS


def test_the_attack_reads_a_key_file_that_was_only_removed(database_url, tmp_path, monkeypatch):
    mutants.without_overwriting_keys(monkeypatch)
    loot = attacked(database_url, tmp_path)
    assert loot.ballots(loot.lost_disk) == BALLOTS


def test_the_attack_finds_shares_that_the_count_does_not_delete(database_url, tmp_path, monkeypatch):
    mutants.without_deleting_shares(monkeypatch)
    loot = attacked(database_url, tmp_path)
    assert loot.ballots(loot.lost_disk) == BALLOTS


def test_the_attack_finds_deleted_shares_where_their_table_is_not_rewritten(database_url, tmp_path, monkeypatch):
    mutants.without_rewriting_shares(monkeypatch)
    loot = attacked(database_url, tmp_path)
    assert loot.ballots(loot.lost_disk) == BALLOTS


def test_the_attack_opens_backups_with_two_disks_where_the_other_host_destroys_nothing(
    database_url, tmp_path, monkeypatch
):
    mutants.without_destroying_keys(monkeypatch)
    loot = attacked(database_url, tmp_path)
    assert loot.ballots(loot.lost_disk) == 0
    assert loot.ballots(loot.lost_disk, loot.other_disk) == BALLOTS


def taken_by_a_writer(url, folder):
    """Exchange a host's key in the database for one's own, and read what the other hosts seal to it."""
    own = round_keys.draw_keypair()
    with scene(url, folder) as round_:
        exchanged = {"host_key": own.public, "host_id": round_keys.key_id(own.public), "sealed": None}
        with round_.transaction() as session:
            share = round_key_copies.key_copies_of_round(session, round_.round_id)[0]
            session.execute(update(RoundKeyCopyRow).where(RoundKeyCopyRow.host_id == share.host_id).values(**exchanged))
            round_public = round_key_copies.public_key_or_empty(session, round_.round_id)
        for keys in (round_.keys, round_.second_keys):
            with round_.transaction() as session:
                counting.share_round_keys_among_hosts(
                    session, key_sharing.HostContext(keys, SECRET, share.seen_at, keys.name)
                )
        with round_.transaction() as session:
            rows = round_key_copies.key_copies_of_round(session, round_.round_id)
        return [host_keys.secret_key_from_sealed_copy(row.sealed, own, round_public=round_public) for row in rows]


def test_whoever_writes_to_the_database_gets_no_share(database_url, tmp_path):
    assert not any(taken_by_a_writer(database_url, tmp_path / "keys"))


def test_the_attack_gets_a_share_where_nobody_asks_for_the_proof(database_url, tmp_path, monkeypatch):
    mutants.without_proofs_of_hosts(monkeypatch)
    assert any(taken_by_a_writer(database_url, tmp_path / "keys"))


def sealed_to_a_forgotten_host(url, folder):
    """Let the first host be lost and forgotten while the round goes on; return whether it gets a share again."""
    with scene(url, folder) as round_:
        with round_.transaction() as session:
            lost = round_key_copies.key_copies_of_round(session, round_.round_id)
            names = {share.host_name: share.host_id for share in lost}
            later = max(share.seen_at for share in lost) + 2 * round_key_copies.SILENCE
            counting.clear_key_copies_of_silent_hosts(session, round_.keys.name, now=later)
        with round_.transaction() as session:
            counting.share_round_keys_among_hosts(
                session, key_sharing.HostContext(round_.second_keys, SECRET, later, "second")
            )
        with round_.transaction() as session:
            rows = {share.host_id: share for share in round_key_copies.key_copies_of_round(session, round_.round_id)}
        return rows[names[round_.keys.name]].sealed is not None


def test_a_forgotten_host_gets_no_share(database_url, tmp_path):
    assert not sealed_to_a_forgotten_host(database_url, tmp_path / "keys")


def test_the_attack_gets_a_share_for_a_forgotten_host_where_silence_is_not_asked_for(
    database_url, tmp_path, monkeypatch
):
    mutants.without_looking_for_silence(monkeypatch)
    assert sealed_to_a_forgotten_host(database_url, tmp_path / "keys")
