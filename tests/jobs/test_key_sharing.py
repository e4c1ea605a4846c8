"""Hosts with folders of their own share the key of a round: any of them counts, and no two remnants open a ballot."""

import itertools
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from app.core.disclosure.policy import Policy
from app.core.organisations import Community, CommunityKind, Municipality
from app.core.rounds import KeyFate, RoundError, RoundFault, RoundState
from app.services import answering, counting, rounds
from app.services import organisations as places
from app.services.counting import key_sharing, secure_wipe
from app.store import database_copies, organisations, round_key_copies
from app.store import rounds as round_store
from app.store.boxes import BoxRow
from app.store.database import database, read_session, standalone_engine, write_session
from app.store.round_key_copies import RoundKeyCopyRow
from app.vault import boxes as vault
from app.vault import host_keys, round_keys
from tests.databases import fresh_postgresql
from tests.services.factories import CLOSES, NOON, OPENS, SECRET, plan

pytestmark = pytest.mark.postgresql
MINUTE = timedelta(minutes=1)
UNIT = "school"


@pytest.fixture
def database_kind():
    return "postgresql"


class Hosts:
    """Hosts with keys folders of their own on one database; a host acts when a test lets it."""

    def __init__(self, folder):
        self.folder = folder
        self.moment = OPENS

    def keys(self, name) -> Path:
        folder = self.folder / name / "keys"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def share(self, *names, times=1, secret=SECRET):
        """Let each host share once a minute; a minute passes for each round of sharing."""
        for _ in range(times):
            self.moment += MINUTE
            for name in names:
                host = key_sharing.HostContext(keys=self.keys(name), secret=secret, now=self.moment, name=name)
                with write_session() as session:
                    counting.share_round_keys_among_hosts(session, host)

    def files(self, name):
        return sorted(path.name.split("-", 2)[2].partition(".")[2] for path in self.keys(name).iterdir())

    def lose(self, name) -> Path:
        """Remove a host; return its disk, which somebody has found."""
        shutil.move(self.folder / name, self.folder / f"lost-{name}")
        return self.folder / f"lost-{name}" / "keys"

    def count(self, name, number, **keywords):
        with write_session() as session:
            given = {"policy": Policy(), "secret": SECRET, "now": CLOSES, "keys": self.keys(name)}
            return counting.count_round(session, number, **(given | keywords))

    def wipe(self, name, moment=CLOSES):
        with write_session() as session:
            counting.destroy_keys_and_wipe_remnants(session, now=moment, keys=self.keys(name))

    def start_again(self, name):
        """Do what a host does at its start before anything else."""
        with write_session() as session:
            return counting.destroy_and_certify_leftover_keys(session, keys=self.keys(name))


@pytest.fixture
def hosts(app, tmp_path):
    return Hosts(tmp_path / "hosts")


@pytest.fixture
def number(app, session, hosts):
    """An open round that the first host opened, with eleven ballots."""
    school = Community(UNIT, "School", "town", CommunityKind.SCHOOL, {"teachers": 12})
    organisations.upsert(
        session, municipalities=[Municipality("town", "Town")], communities=[school], region=("region", "Region")
    )
    found = plan(session)
    rounds.open_round(session, found, now=OPENS, secret=SECRET, keys=hosts.keys("first"), region=places.region(session))
    codes = rounds.issue_slip_codes(session, found, UNIT, secret=SECRET, now=NOON)
    for code in codes[:11]:
        answering.submit(session, code, ratings={"q0": 2}, group=None, comment=None, secret=SECRET, now=NOON)
    session.commit()
    return found


def shares(number):
    with read_session() as session:
        return {share.host_name: share for share in round_key_copies.key_copies_of_round(session, number)}


def close(number):
    with write_session() as session:
        rounds.close(session, number, now=CLOSES)


def certificate(number):
    with read_session() as session:
        return counting.find_certificate(session, number)


def opened_ballots(engine, number, *, folders=(), salt=None):
    """What somebody reads who has a database, these folders of keys, and the installation's secret key."""
    with engine.connect() as connection:
        row = connection.execute(text("SELECT public_key, box_salt FROM round WHERE id = :id"), {"id": number}).one()
        blobs = connection.execute(select(BoxRow.unit_id, BoxRow.number, BoxRow.blob)).all()
        sealed = [bytes(item) for item in connection.scalars(select(RoundKeyCopyRow.sealed)) if item is not None]
    if row.box_salt is None and salt is None:
        return 0
    key = vault.box_key(SECRET, bytes(row.box_salt or salt))
    files = [path.read_bytes() for folder in folders for path in sorted(folder.iterdir())]
    secrets = [content for content in files if len(content) == round_keys.KEY_BYTES]
    pairs = [round_keys.Keypair(round_keys.public_key_of(secret), secret) for secret in secrets]
    for share, pair in itertools.product([*sealed, *files], pairs):
        opened = host_keys.secret_key_from_sealed_copy(share, pair, round_public=bytes(row.public_key))
        if opened is not None:
            secrets.append(opened)
    read = 0
    for blob, secret in itertools.product(blobs, secrets):
        size = vault.ballot_size_from_blob(blob.blob, slots=12)
        name = vault.box_label(number, blob.unit_id, blob.number)
        inner = vault.extract_sealed_ballots(blob.blob, key=key, name=name, size=size)
        read += sum(ballot is not None for ballot in vault.open_ballots(inner, secret_key=secret))
    return read


def test_after_three_minutes_every_host_can_open_the_round_and_none_has_its_key_as_a_file(hosts, number):
    assert hosts.files("first") == ["key"]
    hosts.share("first")
    assert hosts.files("first") == ["host.key", "key"]  # while it is alone
    hosts.share("first", "second", times=3)
    assert hosts.files("first") == hosts.files("second") == ["copy.key", "host.key"]
    found = shares(number)
    assert [share.can_open for share in found.values()] == [True, True]
    hosts.share("first", "second", "third", times=3)
    assert hosts.files("third") == ["copy.key", "copy.key", "host.key"]
    with read_session() as session:
        for name in ("first", "second", "third"):
            assert counting.can_open(session, number, keys=hosts.keys(name))


def test_a_host_that_is_alone_keeps_the_file_for_ever(hosts, number):
    hosts.share("first", times=20)
    assert hosts.files("first") == ["host.key", "key"]
    hosts.share("second")  # which asks for its share, and is gone before it has opened it
    hosts.share("first", times=20)
    assert "key" in hosts.files("first")


def test_a_host_that_has_fallen_silent_is_no_reason_to_destroy_the_file(hosts, number):
    kept = {path.name: path.read_bytes() for path in hosts.keys("first").iterdir()}
    hosts.share("first", "second", times=3)
    hosts.moment += round_key_copies.SILENCE + MINUTE
    for name, content in kept.items():
        (hosts.keys("first") / name).write_bytes(content)
    hosts.share("first")
    assert "key" in hosts.files("first")
    hosts.share("second", "first", times=2)
    assert "key" not in hosts.files("first")


def test_the_first_host_is_removed_with_its_disk_and_the_second_counts_every_ballot(hosts, number):
    hosts.share("first", "second", times=3)
    hosts.lose("first")
    close(number)
    assert hosts.count("second", number).counted == 11
    hosts.wipe("second")
    done = certificate(number)
    assert (done.unreadable, done.key_fate) == (0, KeyFate.PENDING)
    assert (done.hosts_without_keys, done.hosts_with_keys) == (("second",), ("first",))


def test_a_host_that_joins_later_gets_its_share_from_any_holder(hosts, number):
    hosts.share("first", "second", times=3)
    hosts.lose("first")
    hosts.share("second", "third", times=3)
    hosts.lose("second")
    close(number)
    assert hosts.count("third", number).counted == 11


def test_after_the_count_a_lost_disk_with_the_database_and_every_backup_opens_nothing(
    hosts, number, tmp_path, postgresql_server
):
    hosts.share("first", "second", times=3)
    with read_session() as session:
        salt = round_store.box_salt(session, number)
    dump = tmp_path / "backup"
    database_copies.dump_database(database.engine, dump)
    assert opened_ballots(database.engine, number) == 0  # the database alone, while the round is open
    assert opened_ballots(database.engine, number, folders=[hosts.keys("first")]) == 11  # what any host can do
    disk = hosts.lose("first")
    close(number)
    hosts.count("second", number)
    hosts.wipe("second")
    assert list(hosts.keys("second").iterdir()) == []
    assert opened_ballots(database.engine, number, folders=[disk], salt=salt) == 0
    with fresh_postgresql(postgresql_server, None) as url:
        restored = standalone_engine(url)
        database_copies.restore_dump(restored, dump)
        assert opened_ballots(restored, number, folders=[disk]) == 0
        restored.dispose()


def test_a_dump_that_holds_the_shares_opens_with_a_lost_disk(hosts, number, tmp_path, monkeypatch, postgresql_server):
    """What the threat model names, and what the test above would find: a dump that was not made by this service."""
    hosts.share("first", "second", times=3)
    monkeypatch.setattr(database_copies, "_DUMP", tuple(w for w in database_copies._DUMP if "exclude" not in w))
    dump = tmp_path / "backup"
    database_copies.dump_database(database.engine, dump)
    disk = hosts.lose("first")
    with fresh_postgresql(postgresql_server, None) as url:
        restored = standalone_engine(url)
        database_copies.restore_dump(restored, dump)
        assert opened_ballots(restored, number, folders=[disk]) == 11
        restored.dispose()


def test_a_database_restored_from_a_backup_is_opened_by_two_hosts_together(hosts, number):
    hosts.share("first", "second", times=3)
    with write_session() as session:
        round_key_copies.erase(session, number)
    hosts.share("first")
    close(number)
    with pytest.raises(round_keys.InvalidKey):
        hosts.count("first", number)  # alone it has only what opens nothing
    hosts.share("second", "first", "second", times=2)
    assert hosts.count("first", number).counted == 11


def test_the_folders_of_two_hosts_copied_onto_a_new_one_open_a_restored_database(hosts, number):
    hosts.share("first", "second", times=3)
    with write_session() as session:
        round_key_copies.erase(session, number)
    for name in ("first", "second"):
        shutil.copytree(hosts.lose(name), hosts.keys("new"), dirs_exist_ok=True)
    close(number)
    assert hosts.count("new", number).counted == 11


def test_a_share_that_somebody_damaged_is_sealed_anew(hosts, number):
    hosts.share("first", "second", times=3)
    with write_session() as session:
        session.execute(update(RoundKeyCopyRow).values(sealed=b"x" * 80))
    hosts.share("first", "second", times=3)
    with read_session() as session:
        assert counting.can_open(session, number, keys=hosts.keys("first"))
        assert counting.can_open(session, number, keys=hosts.keys("second"))


def test_nobody_seals_a_key_to_a_host_that_does_not_know_the_secret(hosts, number):
    hosts.share("first")
    hosts.share("thief", secret=b"another secret, of 32 bytes.....")
    hosts.share("first", times=3)
    assert shares(number)["thief"].sealed is None
    assert shares(number)["first"].sealed is not None


def test_whoever_writes_to_the_database_cannot_exchange_the_key_of_a_host(hosts, number):
    hosts.share("first", "second")
    own = round_keys.draw_keypair()
    with write_session() as session:
        session.execute(
            update(RoundKeyCopyRow)
            .where(RoundKeyCopyRow.host_name == "second")
            .values(host_key=own.public, host_id=round_keys.key_id(own.public), sealed=None)
        )
    hosts.share("first", times=2)
    assert own.public not in {share.host_key for share in shares(number).values() if share.sealed}


def test_each_host_confirms_by_itself_that_its_key_is_destroyed(hosts, number):
    hosts.share("first", "second", "third", times=4)
    close(number)
    hosts.count("second", number)
    assert (
        certificate(number).hosts_with_keys == ("first", "second", "third")
        or len(certificate(number).hosts_with_keys) == 3
    )
    assert shares(number) == {}
    assert hosts.start_again("first") == 3  # before the one that counted has wiped anything
    hosts.wipe("second")
    assert set(certificate(number).hosts_without_keys) == {"first", "second"}
    assert certificate(number).cleaned_at == CLOSES
    assert hosts.start_again("third") == 3
    done = certificate(number)
    assert (done.hosts_with_keys, done.key_fate) == ((), KeyFate.DESTROYED)
    assert all(not list(hosts.keys(name).iterdir()) for name in ("first", "second", "third"))


def test_a_host_that_was_killed_while_it_destroyed_confirms_at_its_next_start(hosts, number, monkeypatch):
    hosts.share("first", "second", times=3)
    close(number)
    hosts.count("second", number)
    hosts.wipe("second")

    def killed(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(secure_wipe.vault_keys, "remove_key_files", killed)
    with pytest.raises(KeyboardInterrupt):
        hosts.start_again("first")
    monkeypatch.undo()
    hosts.start_again("first")
    assert certificate(number).hosts_with_keys == ()
    assert list(hosts.keys("first").iterdir()) == []


def test_a_share_is_never_written_after_the_count(hosts, number):
    hosts.share("first", "second", times=3)
    close(number)
    engine = database.engine
    with engine.connect() as connection:
        connection.execute(text("BEGIN"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:c, :r)"), {"c": round_store.LOCK_CLASS, "r": number})
        before = shares(number)
        hosts.share("first", "second", "third")  # while somebody counts
        assert shares(number) == before
        with read_session() as session:
            assert round_store.is_locked_by_another_process(session, number)
            assert counting.rounds_to_count_with_local_key(session, keys=hosts.keys("first")) == ()
        connection.rollback()
    hosts.count("second", number)
    hosts.share("first", "second", "third")
    assert shares(number) == {}


def test_a_round_is_given_up_only_where_no_host_can_open_it(hosts, number):
    hosts.share("first", "second", times=3)
    close(number)

    def cancel_waiting_messages(name, moment):
        with write_session() as session:
            return counting.abandon_round(session, number, now=moment, keys=hosts.keys(name))

    for name, fault in (("first", RoundFault.KEY_FILE_HERE), ("other", RoundFault.KEY_ON_OTHER_HOST)):
        with pytest.raises(RoundError) as refused:
            cancel_waiting_messages(name, hosts.moment)
        assert refused.value.fault is fault
    done = cancel_waiting_messages("other", hosts.moment + round_key_copies.SILENCE + MINUTE)
    assert done.key_fate is KeyFate.LOST
    with read_session() as session:
        assert rounds.get_round(session, number).state is RoundState.COUNTED


def test_two_hosts_that_destroy_at_the_same_moment_are_both_confirmed(hosts, number, monkeypatch):
    hosts.share("first", "second", times=3)
    close(number)
    hosts.count("first", number)
    wipe = secure_wipe.secure_erase.wipe_remnants

    def meanwhile(engine):
        hosts.start_again("second")
        wipe(engine)

    monkeypatch.setattr(secure_wipe.secure_erase, "wipe_remnants", meanwhile)
    hosts.wipe("first")
    assert set(certificate(number).hosts_without_keys) == {"first", "second"}
    assert certificate(number).cleaned_at == CLOSES


def test_a_confirmation_does_not_say_that_the_files_are_wiped(hosts, number):
    hosts.share("first", "second", times=3)
    close(number)
    hosts.count("first", number)
    hosts.start_again("second")
    with read_session() as session:
        assert counting.unwiped_rounds(session) == (number,)
    hosts.wipe("first")
    with read_session() as session:
        assert counting.unwiped_rounds(session) == ()


def forget(hosts, name):
    with write_session() as session:
        return counting.clear_key_copies_of_silent_hosts(session, name, now=hosts.moment)


def test_a_lost_host_that_was_forgotten_never_gets_a_share_again(hosts, number):
    """Else a later dump of the database would open with the lost disk."""
    hosts.share("first", "second", "third", times=4)
    disk = hosts.lose("first")
    hosts.share("second", "third", times=6)
    assert (forget(hosts, "first").cleared, forget(hosts, "first").kept) == (1, 0)
    hosts.share("second", "third", times=3)
    assert shares(number)["first"].sealed is None
    assert opened_ballots(database.engine, number, folders=[disk]) == 0
    close(number)
    hosts.count("second", number)
    assert "first" in certificate(number).hosts_with_keys


def test_a_host_that_was_forgotten_and_comes_back_gets_a_share(hosts, number):
    hosts.share("first", "second", times=3)
    hosts.share("second", times=6)
    assert forget(hosts, "first").cleared == 1
    hosts.share("first", "second", "first", times=2)
    with read_session() as session:
        assert counting.can_open(session, number, keys=hosts.keys("first"))


def test_a_host_that_has_just_reported_cannot_be_forgotten(hosts, number):
    """It may be the only one that can still open the round, under a name that somebody mistyped."""
    hosts.share("first", "second", times=3)
    hosts.lose("first")
    assert (forget(hosts, "second").cleared, forget(hosts, "second").kept) == (0, 1)
    with read_session() as session:
        assert counting.can_open(session, number, keys=hosts.keys("second"))


def test_no_host_keeps_what_opens_with_its_own_key_under_another_name(hosts, number):
    """Whoever writes to the database could have a host put its own share onto its disk."""
    hosts.share("first", "second", times=3)
    own = shares(number)["first"].sealed
    with write_session() as session:
        session.execute(update(RoundKeyCopyRow).where(RoundKeyCopyRow.host_name == "second").values(sealed=own))
    hosts.share("first")
    assert own not in [path.read_bytes() for path in hosts.keys("first").iterdir()]


def test_a_host_that_cannot_open_a_round_hands_nothing_to_one_that_is_silent(hosts, number):
    hosts.share("first", "second", times=3)
    hosts.lose("first")
    hosts.moment += round_key_copies.SILENCE + MINUTE
    with write_session() as session:
        session.execute(update(RoundKeyCopyRow).values(sealed=None))
    hosts.share("second", times=2)
    assert shares(number)["first"].sealed is None
