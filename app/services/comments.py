"""Comments after the count: review before the release, read after it."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from app.core.comments import Comment
from app.core.rounds import RoundError, RoundFault, RoundId, RoundState
from app.store import comments as store
from app.store import rounds


def comments(session: Session, round_id: RoundId) -> tuple[Comment, ...]:
    """Return every comment of a counted round for review before the release, by community."""
    return store.comments(session, round_id)


def set_withheld_comments(session: Session, round_id: RoundId, keys: Collection[str]) -> None:
    """Withhold exactly these comments; at the release they are erased. RoundError once it is released."""
    round_ = rounds.find_round(session, round_id)
    if round_ is None or round_.state is not RoundState.COUNTED:
        raise RoundError(RoundFault.COMMENTS_SETTLED)
    known = {comment.key for comment in store.comments(session, round_id)}
    store.set_withheld(session, round_id, known & set(keys))


def released_comments(session: Session, round_id: RoundId, unit_id: str) -> tuple[str, ...]:
    """Return the comments of one community that may be read, in chance order; none before the release."""
    round_ = rounds.find_round(session, round_id)
    if round_ is None or round_.state is not RoundState.RELEASED:
        return ()
    return store.texts_not_withheld(session, round_id, unit_id)
