import re

import pytest
from sqlalchemy import select

from app.core.comments import POOLED
from app.core.disclosure.policy import Policy
from app.core.rounds import RoundError, RoundState
from app.services import answering, comments, counting, rounds
from app.services.answering import InvalidAnswers
from app.store.comments import CommentRow
from app.store.database import database
from app.vault import boxes as vault
from tests.services.factories import AFTER, CLOSES, NOON, OPENS, SECRET, plan, region


@pytest.fixture
def keys(tmp_path):
    return tmp_path / "keys"


@pytest.fixture
def opened(session, keys):
    """A round with comments: a big community, two middling ones; returns its number and the codes."""
    number = plan(session, comments=True)
    area = region(alder=30, birch=12, cedar=12)
    rounds.open_round(session, number, now=OPENS, secret=SECRET, keys=keys, region=area)
    codes = {unit.id: rounds.issue_slip_codes(session, number, unit.id, secret=SECRET, now=NOON) for unit in area.units}
    return number, codes


def write(session, codes, texts):
    for code, words in zip(codes, texts, strict=False):
        answering.submit(session, code, ratings={"q0": 3}, group=None, comment=words, secret=SECRET, now=NOON)


def count(session, number, keys):
    rounds.close(session, number, now=CLOSES)
    return counting.count_round(session, number, policy=Policy(), secret=SECRET, now=AFTER, keys=keys)


def texts_of(session, number, unit):
    return [one.text for one in comments.comments(session, number) if one.unit == unit]


def test_ten_comments_of_a_community_are_kept_and_nine_are_not(session, opened, keys):
    number, codes = opened
    write(session, codes["alder"], [f"alder {n}" for n in range(10)] + [None] * 5)
    write(session, codes["birch"], [f"birch {n}" for n in range(9)])
    certificate = count(session, number, keys)
    assert sorted(texts_of(session, number, "alder")) == [f"alder {n}" for n in range(10)]
    assert {one.unit for one in comments.comments(session, number)} == {"alder"}
    assert (certificate.comments_kept, certificate.comments_erased, certificate.unreadable) == (10, 9, 0)


def test_communities_with_too_few_are_read_together(session, opened, keys):
    number, codes = opened
    for unit in ("birch", "cedar"):
        write(session, codes[unit], [f"{unit} {n}" for n in range(6)])
    count(session, number, keys)
    assert len(texts_of(session, number, POOLED)) == 12


def test_names_and_roles_are_noticed_and_withheld_until_somebody_says_otherwise(session, opened, keys):
    number, codes = opened
    rounds.issue_mailed_codes(session, number, {"cedar": ()}, secret=SECRET, now=NOON)
    told = ["Rehtori ei kuuntele.", "More time for planning.", "Rektorn är bra.", "The principal is fine."]
    write(session, codes["alder"], told + [f"quiet {n}" for n in range(8)])
    count(session, number, keys)
    withheld = {one.text for one in comments.comments(session, number) if one.withheld}
    assert withheld == {told[0], told[2], told[3]}


def test_what_is_withheld_is_erased_at_the_release_and_the_rest_can_be_read(session, opened, keys):
    number, codes = opened
    write(session, codes["alder"], ["The principal is fine.", "Rehtori!", *[f"quiet {n}" for n in range(9)]])
    count(session, number, keys)
    assert comments.released_comments(session, number, "alder") == ()
    fine = next(one for one in comments.comments(session, number) if one.text.startswith("The"))
    other = next(one for one in comments.comments(session, number) if one.text == "quiet 3")
    comments.set_withheld_comments(
        session, number, [one.key for one in comments.comments(session, number) if one.withheld]
    )
    comments.set_withheld_comments(session, number, {other.key, *[k.key for k in comments.comments(session, number)
                                                     if k.withheld and k.key != fine.key]})  # fmt: skip
    rounds.release(session, number, now=AFTER)
    read = comments.released_comments(session, number, "alder")
    assert set(read) == {"The principal is fine."} | {f"quiet {n}" for n in range(9) if n != 3}
    assert len(session.scalars(select(CommentRow)).all()) == len(read)
    assert comments.released_comments(session, number, "beech") == ()
    with pytest.raises(RoundError):
        comments.set_withheld_comments(session, number, [])


def test_an_erased_comment_makes_the_files_be_wiped_again(session, opened, keys):
    number, codes = opened
    write(session, codes["alder"], ["Rehtori!", *[f"quiet {n}" for n in range(9)]])
    count(session, number, keys)
    session.commit()
    assert counting.destroy_keys_and_wipe_remnants(session, now=AFTER, keys=keys) == (number,)
    session.commit()
    rounds.release(session, number, now=AFTER)
    session.commit()
    assert counting.destroy_keys_and_wipe_remnants(session, now=AFTER, keys=keys) == (number,)
    session.commit()
    assert rounds.get_round(session, number).state is RoundState.RELEASED


def test_comments_lie_in_chance_order(session, opened, keys):
    number, codes = opened
    written = [f"number {n:02}" for n in range(25)]
    write(session, codes["alder"], written)
    count(session, number, keys)
    kept = texts_of(session, number, "alder")
    assert sorted(kept) == written
    assert kept != written  # one in 25! by chance
    session.commit()
    with database.engine.connect() as connection:
        stored = [row.words for row in connection.execute(select(CommentRow.words))]
    assert [int(re.sub(r"\D", "", one)) for one in stored] != list(range(25))


def test_everybody_fills_a_slot_whether_they_write_or_not(session, opened, monkeypatch):
    _number, codes = opened
    sealed = []
    plain = vault.seal_ballot

    def seal(content, public_key):
        sealed.append(len(content))
        return plain(content, public_key)

    monkeypatch.setattr(vault, "seal_ballot", seal)
    write(session, codes["alder"], [None, "words", ""])
    assert sealed == [32, 2048] * 3


@pytest.mark.parametrize("words", ["x" * 1001, "語" * 1000 + "語"])
def test_too_many_words_are_refused_and_the_code_stays_good(session, opened, words):
    _, codes = opened
    with pytest.raises(InvalidAnswers):
        write(session, codes["alder"][:1], [words])
    write(session, codes["alder"][:1], ["語" * 1000])


def test_control_characters_do_not_stop_a_count(session, opened, keys):
    number, codes = opened
    write(session, codes["alder"], [f"a\0b\x1b {n}\nc" for n in range(10)])
    count(session, number, keys)
    assert sorted(texts_of(session, number, "alder"))[0] == "ab 0\nc"


def test_a_round_without_comments_has_no_box_for_them(session, keys):
    number = plan(session)
    rounds.open_round(session, number, now=OPENS, secret=SECRET, keys=keys, region=region(alder=12))
    code = rounds.issue_slip_codes(session, number, "alder", secret=SECRET, now=NOON)[0]
    with pytest.raises(InvalidAnswers):
        write(session, [code], ["words"])
