import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import ballots
from app.core.ballots import MAX_BALLOT_BYTES, NO_GROUP, SKIPPED, Ballot, InvalidBallot

DIGEST = "0123456789abcdef" * 4


@given(st.lists(st.sampled_from([0, 1, 4, SKIPPED]), max_size=ballots.MAX_ITEMS), st.sampled_from([0, 3, NO_GROUP]))
def test_a_ballot_comes_back_as_it_was_and_is_always_equally_long(ratings, group):
    ballot = Ballot(DIGEST, tuple(ratings), group)
    size = ballots.ballot_size(ballots.MAX_ITEMS)
    content = ballots.encode(ballot, size=size)
    assert len(content) == size == MAX_BALLOT_BYTES
    assert ballots.decode(content, instrument_digest=DIGEST) == ballot


def test_a_ballot_with_too_many_items_is_refused():
    with pytest.raises(ValueError, match="at most"):
        ballots.encode(Ballot(DIGEST, (0,) * (ballots.MAX_ITEMS + 1)), size=1024)


@given(st.integers(0, ballots.MAX_ITEMS))
def test_a_ballot_of_a_questionnaire_is_as_long_whatever_is_answered_and_hardly_longer_than_it_must_be(items):
    size = ballots.ballot_size(items)
    full, empty = (Ballot(DIGEST, (rating,) * items, group) for rating, group in ((4, 1), (SKIPPED, NO_GROUP)))
    assert len(ballots.encode(full, size=size)) == len(ballots.encode(empty, size=size)) == size <= MAX_BALLOT_BYTES
    assert ballots.decode(ballots.encode(full, size=size), instrument_digest=DIGEST) == full
    with pytest.raises(ValueError, match="do not hold"):
        ballots.encode(full, size=size - ballots.BALLOT_SIZE_STEP)


@pytest.mark.parametrize("content", [b"", b"\1", bytes(256), b"\1" + bytes.fromhex(DIGEST)[:8] + b"\0\5" + b"\0" * 4])
def test_bytes_that_are_too_few_are_no_ballot(content):
    with pytest.raises(InvalidBallot):
        ballots.decode(content, instrument_digest=DIGEST)


def test_a_ballot_of_another_instrument_is_refused():
    with pytest.raises(InvalidBallot):
        ballots.decode(ballots.encode(Ballot("f" * 64, (1,)), size=16), instrument_digest=DIGEST)


def test_a_pile_is_read_as_one_by_one_and_what_does_not_fit_is_marked():
    good = [Ballot(DIGEST, (0, SKIPPED, 4), 1), Ballot(DIGEST, (3, 2, 1))]
    strange = [
        Ballot("f" * 64, (0, 0, 0)),
        Ballot(DIGEST, (0, 0)),
        Ballot(DIGEST, (0, 0, 5)),
        Ballot(DIGEST, (0, 0, 0), 2),
    ]
    contents = [ballots.encode(ballot, size=32) for ballot in (good[0], *strange, good[1])]
    pile = ballots.decode_batch(contents, instrument_digest=DIGEST, options=(5, 5, 5), groups=2)
    assert pile.readable_inputs.tolist() == [True, False, False, False, False, True]
    np.testing.assert_array_equal(pile.ratings, [ballot.ratings for ballot in good])
    assert pile.groups.tolist() == [1, NO_GROUP]


def test_an_empty_pile_is_empty():
    pile = ballots.decode_batch([], instrument_digest=DIGEST, options=(5, 5), groups=1)
    assert pile.ratings.shape == (0, 2)
