import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl import bindings

from app.core.ballots import MAX_BALLOT_BYTES, Ballot, encode
from app.vault import boxes, round_keys

KEY = boxes.box_key(b"s" * 32, b"r" * 32)
NAME = boxes.box_label(1, "school", 0)


def ballot(mark: int) -> bytes:
    return encode(Ballot("ab" * 32, (mark, mark)), size=MAX_BALLOT_BYTES)


def opened(blob, secret_key):
    sealed = boxes.extract_sealed_ballots(blob, key=KEY, name=NAME)
    return list(boxes.open_ballots(sealed, secret_key=secret_key))


def test_what_is_put_in_is_what_is_opened():
    pair = round_keys.draw_keypair()
    blob = boxes.new_box(40, key=KEY, name=NAME)
    for mark in range(33):
        blob = boxes.insert_ballots(blob, boxes.seal_ballot(ballot(mark), pair.public), key=KEY, name=NAME)
    assert sorted(opened(blob, pair.secret)) == sorted(ballot(mark) for mark in range(33))


def test_a_box_is_as_long_full_as_empty():
    pair = round_keys.draw_keypair()
    empty = boxes.new_box(3, key=KEY, name=NAME)
    full = empty
    for _ in range(3):
        full = boxes.insert_ballots(full, boxes.seal_ballot(ballot(1), pair.public), key=KEY, name=NAME)
    assert len(full) == len(empty)
    with pytest.raises(boxes.InvalidBox, match="no room"):
        boxes.insert_ballots(full, boxes.seal_ballot(ballot(1), pair.public), key=KEY, name=NAME)


@given(st.integers(1, boxes.MAX_SLOTS), st.sampled_from([16, 48, 64, 256, 2048]))
def test_a_box_tells_by_its_length_how_long_its_ballots_are(slots, size):
    blob = boxes.new_box(slots, key=KEY, name=NAME, size=size)
    assert boxes.ballot_size_from_blob(blob, slots=slots) == size


@pytest.mark.parametrize(("length", "slots"), [(40, 3), (41, 3), (40 + 3 * 48, 3), (40 + 3 * 65 + 1, 3), (0, 1)])
def test_a_box_of_another_length_is_damaged(length, slots):
    with pytest.raises(boxes.InvalidBox, match="slots"):
        boxes.ballot_size_from_blob(bytes(length), slots=slots)


def test_a_box_opens_only_with_its_own_key_and_name():
    blob = boxes.new_box(3, key=KEY, name=NAME)
    with pytest.raises(boxes.InvalidBox):
        boxes.extract_sealed_ballots(blob, key=boxes.box_key(b"s" * 32, b"q" * 32), name=NAME)
    with pytest.raises(boxes.InvalidBox):
        boxes.extract_sealed_ballots(blob, key=KEY, name=boxes.box_label(1, "school", 1))
    with pytest.raises(boxes.InvalidBox):
        boxes.extract_sealed_ballots(blob[:-1] + bytes((blob[-1] ^ 1,)), key=KEY, name=NAME)


def test_another_rounds_key_opens_no_ballot():
    pair = round_keys.draw_keypair()
    other = round_keys.draw_keypair()
    blob = boxes.insert_ballots(
        boxes.new_box(2, key=KEY, name=NAME), boxes.seal_ballot(ballot(1), pair.public), key=KEY, name=NAME
    )
    assert opened(blob, other.secret) == [None]


def test_what_is_opened_is_what_libsodium_opens_and_what_is_broken_is_nothing():
    pair = round_keys.draw_keypair()
    contents = [bytes([mark]) * size for mark, size in enumerate((0, 1, MAX_BALLOT_BYTES, MAX_BALLOT_BYTES, 2_000))]
    sealed = [boxes.seal_ballot(content, pair.public) for content in contents]
    assert list(boxes.open_ballots(sealed, secret_key=pair.secret)) == contents
    assert [bindings.crypto_box_seal_open(one, pair.public, pair.secret) for one in sealed] == contents
    broken = [sealed[2][:-1] + bytes((sealed[2][-1] ^ 1,)), sealed[2][:20], b""]
    tried = [broken[0], sealed[3], broken[1], sealed[4], broken[2], sealed[1]]
    assert list(boxes.open_ballots(tried, secret_key=pair.secret)) == [
        None, contents[3], None, contents[4], None, contents[1],
    ]  # fmt: skip
    assert list(boxes.open_ballots([], secret_key=pair.secret)) == []


@pytest.mark.parametrize(("taken", "added"), [(1, b""), (0, b"0")])
def test_a_key_of_another_length_opens_nothing(taken, added):
    pair = round_keys.draw_keypair()
    wrong = pair.public[taken:] + added
    sealed = [boxes.seal_ballot(ballot(1), pair.public)]
    with pytest.raises(ValueError, match="another length"):
        list(boxes.open_ballots(sealed, secret_key=pair.secret, public_key=wrong))
    with pytest.raises(ValueError):
        list(boxes.open_ballots(sealed, secret_key=wrong, public_key=pair.public))


@given(st.integers(0, 2000))
def test_boxes_hold_exactly_the_people_and_never_more_than_128(people):
    capacities = boxes.slot_counts_of_boxes(people)
    assert sum(capacities) == people
    assert all(0 < slots <= boxes.MAX_SLOTS for slots in capacities)
    assert not capacities or max(capacities) - min(capacities) <= 1


def test_the_order_of_a_box_is_chance():
    places = np.array([int(np.flatnonzero(boxes.random_permutation(5) == 0)[0]) for _ in range(5000)])
    counts = np.bincount(places, minlength=5)
    assert ((counts - 1000) ** 2 / 1000).sum() < 33  # 4 degrees of freedom, p = 1e-6


def test_a_ballot_is_always_256_bytes():
    assert len(ballot(1)) == MAX_BALLOT_BYTES
