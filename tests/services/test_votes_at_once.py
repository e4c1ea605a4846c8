"""Two people press at the same moment, at a vote of a meeting."""

from app.core.meetings.votes import VoteError, VoteSetup
from app.services import votes
from tests.databases import both_databases
from tests.publications import NOON
from tests.services.concurrency import meanwhile
from tests.services.test_votes import OPTIONS, SECRET, folder, frozen, round_id, slips, vote

__all__ = ["folder", "frozen", "round_id", "slips", "vote"]


@both_databases
def test_whoever_votes_while_slips_are_printed_gets_no_second_code(app, session, vote, slips):
    _waited, printing = meanwhile(
        app,
        lambda own: votes.submit_vote(own, slips[0], ["control"], secret=SECRET, now=NOON),
        lambda own: votes.issue_vote_codes(own, vote, secret=SECRET, now=NOON),
    )
    assert isinstance(printing.exception(), VoteError)


@both_databases
def test_two_who_press_at_once_open_one_vote(app, session, round_id, folder):
    def opening(own):
        choice = VoteSetup(OPTIONS, 1, 8)
        votes.open_vote(own, round_id, "pine", choice=choice, secret=SECRET, key_folder=folder, now=NOON)

    session.commit()
    _waited, opened_again = meanwhile(app, opening, opening)
    assert isinstance(opened_again.exception(), VoteError)
    assert len(votes.votes_of_unit(session, round_id, "pine")) == 1
