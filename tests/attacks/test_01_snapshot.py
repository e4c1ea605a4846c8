"""Attack 1: copy the database and its logs after each of forty known submissions."""

from itertools import pairwise

import numpy as np
import pytest

from app.core.rounds import BoxContent
from app.vault import host_keys
from tests.attacks import mutants
from tests.attacks.scene import ITEMS, scene
from tests.databases import both_databases
from tests.services.factories import SECRET

PEOPLE = 40
pytestmark = pytest.mark.slow


def answers():
    """Forty sheets of answers that no chance makes twice, not even in another test: 24 items of five options.

    All scenes on PostgreSQL share one write-ahead log, where answers that another scene left unsealed stay for a while.
    """
    return np.random.default_rng().integers(1, 6, size=(PEOPLE, ITEMS)).tolist()


def needles(ratings):
    """How an answer sheet could stand in a file: as positions, as values, as text."""
    positions = [value - 1 for value in ratings]
    joined = [
        separator.join(map(str, numbers)).encode() for numbers in (positions, ratings) for separator in (",", ", ")
    ]
    return [bytes(positions), bytes(ratings), *joined]


def attacked(url, folder):
    """Play the forty submissions; return what the attacker saw after each."""
    sheets = answers()
    with scene(url, folder, people=PEOPLE) as round_:
        blobs = [round_.blob()]
        found = 0
        for person, ratings in enumerate(sheets):
            round_.answer(person, ratings)
            blobs.append(round_.blob())
            if person in {0, 19, PEOPLE - 1}:
                everything = round_.every_byte()
                found += sum(any(needle in everything for needle in needles(one)) for one in sheets)
    return blobs, found


def equal_share(blobs):
    """The mean share of bytes that two copies in a row have in common; 1/256 is chance."""
    pairs = [(np.frombuffer(a, np.uint8), np.frombuffer(b, np.uint8)) for a, b in pairwise(blobs)]
    return float(np.mean([(a == b).mean() for a, b in pairs]))


@both_databases
def test_no_answer_is_found_and_no_copy_tells_which_slot_changed(database_url, tmp_path, record_property):
    blobs, found = attacked(database_url, tmp_path / "keys")
    share = equal_share(blobs)
    record_property("equal_bytes", share)
    assert found == 0
    assert len({len(blob) for blob in blobs}) == 1
    assert share <= 0.01


@both_databases
def test_the_attack_finds_answers_that_are_not_sealed(database_url, tmp_path, monkeypatch):
    mutants.without_sealing(monkeypatch)
    _, found = attacked(database_url, tmp_path / "keys")
    assert found > PEOPLE / 2  # PostgreSQL cuts a box into pieces, and a sheet may lie across a cut


@both_databases
def test_the_attack_sees_a_box_that_grows(database_url, tmp_path, monkeypatch):
    mutants.without_dummies(monkeypatch)
    blobs, _ = attacked(database_url, tmp_path / "keys")
    assert len({len(blob) for blob in blobs}) == PEOPLE + 1


@both_databases
def test_the_attack_sees_the_slot_that_changed_in_a_box_that_is_not_encrypted_anew(database_url, tmp_path, monkeypatch):
    mutants.without_fresh_encryption(monkeypatch)
    blobs, _ = attacked(database_url, tmp_path / "keys")
    assert equal_share(blobs) > 0.9


@both_databases
def test_no_comment_is_found_and_nobody_can_see_who_wrote_one(database_url, tmp_path):
    """Every second person writes; each copy of the box of comments is as long and as different as every other."""
    words = [f"Sentence number {person} of somebody" if person % 2 else None for person in range(16)]
    with scene(database_url, tmp_path / "keys", people=20, comments=True) as round_:
        blobs = [round_.blob(BoxContent.COMMENTS)]
        for person, comment in enumerate(words):
            round_.answer(person, [1, 2, 3], comment=comment)
            blobs.append(round_.blob(BoxContent.COMMENTS))
        everything = round_.every_byte()
    assert not [one for one in words if one and one.encode() in everything]
    assert len({len(blob) for blob in blobs}) == 1
    assert equal_share(blobs) <= 0.01


@both_databases
def test_the_attack_finds_comments_that_are_not_sealed(database_url, tmp_path, monkeypatch):
    mutants.without_sealing(monkeypatch)
    with scene(database_url, tmp_path / "keys", people=20, comments=True) as round_:
        round_.answer(0, [1], comment="Sentence of somebody")
        assert b"Sentence of somebody" in round_.every_byte()


def keys_found(url, folder):
    """Share a round's key between two hosts; return which secret keys lie in copies of the database, by name."""
    with scene(url, folder, people=20, shared=False) as round_:
        copies = []
        round_.share_key(after_each=lambda: copies.append(round_.every_byte()))
        round_.answer(0, [1, 2, 3])
        copies.append(round_.every_byte())
        secrets = {"round": round_.round_key(), "installation": SECRET}
        for name, keys in (("first", round_.keys), ("second", round_.second_keys)):
            (pair,) = host_keys.own_host_keys(keys, round_.round_id)
            secrets[name] = pair.secret
    return {name for name, one in secrets.items() if any(one in copy or one.hex().encode() in copy for copy in copies)}


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_no_copy_of_a_database_whose_hosts_share_a_key_holds_a_key(database_url, tmp_path):
    assert keys_found(database_url, tmp_path / "keys") == set()


@pytest.mark.parametrize("database_kind", [pytest.param("postgresql", marks=pytest.mark.postgresql)])
def test_the_attack_finds_the_key_where_shares_are_not_sealed(database_url, tmp_path, monkeypatch):
    mutants.without_sealing_shares(monkeypatch)
    assert keys_found(database_url, tmp_path / "keys") == {"round"}
