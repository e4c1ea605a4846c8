from contextlib import closing
from dataclasses import replace

import pytest

from app.core.ballots import SKIPPED, ballot_size, decode
from app.core.disclosure.policy import Policy
from app.core.rounds import KeyMode
from app.services import answering, counting, rounds
from app.services.answering import InvalidAnswers, InvalidCode, Submission
from app.store import boxes, invitations
from app.store import rounds as rounds_store
from app.vault import boxes as vault
from app.vault import codes, round_keys
from tests.services.factories import AFTER, CLOSES, NOON, SECRET, opened


@pytest.fixture
def round_id(session, tmp_path):
    return opened(session, tmp_path / "keys")


@pytest.fixture
def slips(session, round_id):
    return rounds.issue_slip_codes(session, round_id, "alder", secret=SECRET, now=NOON)


def cast(session, code, *, ratings=None, group=None, comment=None, now=NOON):
    answering.submit(session, code, ratings=ratings or {}, group=group, comment=comment, secret=SECRET, now=now)


def together(session, *sendings):
    return answering.submit_batch(session, sendings, secret=SECRET, now=NOON)


def sending(paper, first=SKIPPED, **rest):
    """What the owner of a code sends who answers at most the first of the six questions, by the place of an option."""
    return Submission(paper, (first, *[SKIPPED] * 5), **rest)


def answers_in(session, round_id, folder):
    """What was answered to the first question in all boxes of a round, in the order of size."""
    salt = rounds_store.box_salt(session, round_id)
    public_key = rounds_store.public_key(session, round_id)
    secret_key = round_keys.load_key_file(folder, round_id, public_key=public_key)
    key = vault.box_key(SECRET, salt)
    with closing(boxes.iterate_boxes(session, round_id)) as found:
        sealed = [
            one
            for box in found
            for one in vault.extract_sealed_ballots(
                box.blob, key=key, name=vault.box_label(round_id, box.unit_id, box.number), size=ballot_size(6)
            )
        ]
    digest = rounds_store.find_round(session, round_id).instrument_digest
    ballots = [decode(one, instrument_digest=digest) for one in vault.open_ballots(sealed, secret_key=secret_key)]
    return sorted(one.ratings[0] for one in ballots)


def is_unspent(session, code):
    return invitations.grant_of_code_digest(session, codes.code_digest(code, secret=SECRET), now=NOON) is not None


def test_a_code_shows_what_it_gives_right_to(session, round_id, slips):
    paper = answering.resolve_code(session, slips[0].lower().replace("-", " "), secret=SECRET, now=NOON)
    assert (paper.round_id, paper.unit_id, paper.unit_name, paper.unit_size) == (round_id, "alder", "Alder", 12)
    assert (paper.title, paper.key_mode, paper.comments, paper.closes_at, paper.k) == (
        "Autumn",
        KeyMode.AUTOMATIC,
        False,
        CLOSES,
        10,
    )


def test_a_code_works_once(session, slips):
    cast(session, slips[0], ratings={"q0": 3, "q1": None}, group="teachers")
    assert not is_unspent(session, slips[0])
    with pytest.raises(InvalidCode):
        cast(session, slips[0], ratings={"q0": 3})


def test_wrong_spent_and_closed_codes_look_the_same(session, round_id, slips):
    cast(session, slips[0])
    wrong = codes.draw_slip_code(round_id)
    refusals = []
    for code, now in (
        (wrong, NOON),
        (slips[0], NOON),
        (slips[1], CLOSES),
        ("", NOON),
        (codes.draw_mailed_code(), NOON),
    ):
        for attempt in (answering.resolve_code, cast):
            keywords = {"secret": SECRET} if attempt is answering.resolve_code else {}
            with pytest.raises(InvalidCode) as refusal:
                attempt(session, code, now=now, **keywords)
            refusals.append((type(refusal.value), str(refusal.value)))
    assert len(set(refusals)) == 1


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ({"ratings": {"q9": 1}}, "no item q9"),
        ({"ratings": {"q0": 6}}, "no option 6"),
        ({"ratings": {"q0": 0}}, "no option 0"),
        ({"group": "pilots"}, "no staff group"),
        ({"comment": "well"}, "no comments"),
    ],
)
def test_answers_that_do_not_fit_leave_the_code_unspent(session, slips, answers, reason):
    with pytest.raises(InvalidAnswers, match=reason):
        cast(session, slips[0], **answers)
    assert is_unspent(session, slips[0])


def test_what_a_look_found_casts_as_the_code_does_and_once(session, slips):
    paper = answering.resolve_code(session, slips[0], secret=SECRET, now=NOON)
    assert together(session, sending(paper, 2)) == (None,)
    assert not is_unspent(session, slips[0])
    assert isinstance(together(session, sending(paper, 2))[0], InvalidCode)


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [((0,) * 5, "6 items, not 5"), ((0, 0, 5, 0, 0, 0), "q2 has 5 options"), ((-1,) * 6, "q0 has")],
)
def test_places_that_no_option_has_are_refused_and_the_code_stays(session, slips, ratings, reason):
    paper = answering.resolve_code(session, slips[0], secret=SECRET, now=NOON)
    (refusal,) = together(session, Submission(paper, ratings))
    assert isinstance(refusal, InvalidAnswers)
    assert reason in str(refusal)
    assert is_unspent(session, slips[0])


def test_of_those_who_send_together_each_is_cast_or_refused_by_itself(session, round_id, slips, tmp_path):
    papers = [answering.resolve_code(session, code, secret=SECRET, now=NOON) for code in slips[:4]]
    cast(session, slips[3])
    wrong = replace(papers[0], digest=codes.code_digest(codes.draw_slip_code(round_id), secret=SECRET).hex())
    found = together(
        session,
        sending(papers[0], 0),
        sending(wrong, 0),
        sending(papers[1], 5),
        sending(papers[0], 1),
        sending(papers[3], 0),
        sending(papers[2], 2),
    )
    assert [type(one) for one in found] == [
        type(None), InvalidCode, InvalidAnswers, InvalidCode, InvalidCode, type(None),
    ]  # fmt: skip
    assert [is_unspent(session, code) for code in slips[:4]] == [False, True, False, False]
    assert answers_in(session, round_id, tmp_path / "keys") == [0, 2, SKIPPED]  # the last one was cast before


def test_a_round_that_was_opened_with_longer_ballots_goes_on_with_them(session, tmp_path, monkeypatch):
    monkeypatch.setattr(rounds, "ballot_size", lambda items: 256)
    number = opened(session, tmp_path / "longer")
    monkeypatch.undo()
    drawn = rounds.issue_slip_codes(session, number, "alder", secret=SECRET, now=NOON)
    before = [len(box.blob) for box in boxes.iterate_boxes(session, number)]
    for code in drawn[:3]:
        cast(session, code, ratings={"q0": 5})
    assert [len(box.blob) for box in boxes.iterate_boxes(session, number)] == before
    assert before[0] > 12 * 256
    rounds.close(session, number, now=CLOSES)
    told = counting.count_round(session, number, policy=Policy(), secret=SECRET, now=AFTER, keys=tmp_path / "longer")
    assert (told.counted, told.unreadable) == (3, 0)


def test_nobody_is_cast_where_the_box_is_gone_and_the_code_stays(session, round_id, slips):
    paper = answering.resolve_code(session, slips[0], secret=SECRET, now=NOON)
    boxes.erase(session, round_id)
    assert isinstance(together(session, sending(paper))[0], InvalidCode)
    assert is_unspent(session, slips[0])
