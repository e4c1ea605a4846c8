"""Messages for errors of rounds and round keys: what is wrong, and what to do."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from app.core.errors import CodedError
from app.core.rounds import RoundFault, TransitionFault
from app.vault.round_keys import KeyFault

ROUND_FAULTS: dict[RoundFault, LazyString] = {
    RoundFault.NO_SUCH_ROUND: _("There is no round %(round)s."),
    RoundFault.NOT_PLANNED: _("The round has been opened: its plan can no longer be changed or deleted."),
    RoundFault.CHANGED_MEANWHILE: _(
        "Someone else changed or opened this round in the meantime. Look at it again before you change it."
    ),
    RoundFault.NO_TITLE: _("A round needs a title."),
    RoundFault.CLOSES_BEFORE_OPENING: _("A round must close after it opens."),
    RoundFault.LAST_DAY_PASSED: _("The round's last day has passed. Plan a new round."),
    RoundFault.NOBODY_INVITED: _("No one has been invited: first enter how many people work in each community."),
    RoundFault.LACKS_SENTENCES: _("The questionnaire lacks texts: %(items)s. Complete it, then plan a new round."),
    RoundFault.SECRET_DIFFERS: _(
        "The secret key of this server does not match its database, so no code would work. Nothing was done. Ask the "
        "service operator to restore the secret key; the command “flask doctor” shows how."
    ),
    RoundFault.NO_SUCH_UNIT: _("The community “%(unit)s” does not take part in this round."),
    RoundFault.NO_ROOM: _(
        "%(unit)s has places left for %(room)s codes, but %(given)s addresses were given. Import the list again."
    ),
    RoundFault.NOT_OPEN: _("The round is not open, so nothing was done."),
    RoundFault.NO_MORE_CODES: _("The round's last day has passed, so no codes can be issued any more."),
    RoundFault.KEY_NOT_TRIED: _("Test the key sheet first: codes are issued only when it is known to work."),
    RoundFault.NEW_KEY_TOO_LATE: _(
        "A new key can be made only while the round is open and no codes have been drawn: after that, only the first "
        "key opens what people may have answered."
    ),
    RoundFault.NO_KEY_FILE_NEEDED: _("Only an open or closed round whose key the service keeps can be given its key."),
    RoundFault.KEY_ON_OTHER_HOST: _("Another server can open this round. Count the round there instead."),
    RoundFault.KEY_FILE_HERE: _("The key file of this round is on this server. Count the round instead."),
    RoundFault.NOTHING_READABLE: _("No ballot of this round could be read, so there are no results to release."),
    RoundFault.REPLACED: _("Other results replaced those of this round. Release them instead."),
    RoundFault.TOLD_TOGETHER: _(
        "The results of “%(title)s” cover the same people and period. Read together with this round they would "
        "reveal what a few people answered (small groups that would be revealed: %(sets)s). Nothing was counted and "
        "nothing was erased."
    ),
    RoundFault.PROMISED_MORE: _(
        "Staff were promised that no figure is based on fewer than %(promised)s answers; %(given)s are too few."
    ),
    RoundFault.COMMENTS_SETTLED: _(
        "Comments can be withheld between the count and the release. Nothing was changed.",
    ),
    RoundFault.COUNT_INTERRUPTED: _(
        "A process that opened the ballots ended before it had finished. Nothing was counted and nothing was erased. "
        "Count the round again; if this happens again, check the memory of the server."
    ),
}
MOVE_FAULTS: dict[TransitionFault, LazyString] = {
    TransitionFault.NOT_NEXT: _(
        "The status of the round had already changed, so nothing was done. Check what can be done next."
    ),
    TransitionFault.MOVED_MEANWHILE: _(
        "The status of the round had already changed, so nothing was done. Check what can be done next."
    ),
}
KEY_FAULTS: dict[KeyFault, LazyString] = {
    KeyFault.WORD_COUNT: _("A key sheet has %(due)s words; %(given)s were entered."),
    KeyFault.NOT_A_WORD: _("Line %(line)s has a word that is not on any key sheet. Compare it letter by letter."),
    KeyFault.CHECK_WORD: _("Line %(line)s does not match its last word. Compare it letter by letter."),
    KeyFault.NEEDS_BOTH: _("The key was split: the first and the second sheet are both needed."),
    KeyFault.NEEDS_SHEET: _("This round is counted with its key sheet. Enter its words."),
    KeyFault.OTHER_ROUND: _("This is the key of another round. Check that the sheet belongs to this round."),
    KeyFault.FILE_ABSENT: _("The key file %(file)s is not on this server. Count the round on the server that has it."),
}
_TABLES: Mapping[type[StrEnum], Mapping[Any, LazyString]] = {
    RoundFault: ROUND_FAULTS,
    TransitionFault: MOVE_FAULTS,
    KeyFault: KEY_FAULTS,
}


def fault_sentence(error: CodedError[RoundFault] | CodedError[TransitionFault] | CodedError[KeyFault]) -> str:
    """Return why a round or its key was refused, in the reader's language."""
    return str(_TABLES[type(error.fault)][error.fault]) % error.values
