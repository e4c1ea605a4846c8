"""Answers of a respondent so far; carried in the form, never stored on the server.

One character per item: `.` while the item is not answered, `-` for "prefer not to answer", else the position of the
chosen option in base 36. So 28 answers are 28 characters, quick to parse and check. The staff group is one character
as well: the length of a request must not reveal the group.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.caches import BoundedCache
from app.core.comments import MAX_COMMENT_LENGTH
from app.core.instruments import Instrument
from app.services.answering import SKIPPED

OPEN = "."
DECLINED = "-"
SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"
_POSITIONS = bytes(SIGNS.index(sign) if sign in SIGNS else SKIPPED for sign in map(chr, range(256)))
COMMENT_LENGTH = MAX_COMMENT_LENGTH
LONGEST_NAME = 6  # characters of a question's field name; Python refuses to parse very long numbers


class InvalidAnswerState(Exception):
    """The submitted form contains marks or options that this questionnaire does not have."""


@dataclass(frozen=True, slots=True)
class AnswerState:
    """The answers so far: a mark for each item, the mark of the staff group ("" while unanswered), and the comment."""

    marks: str
    group: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the pages of one questionnaire can send."""

    marks: re.Pattern[str]
    groups: Mapping[str, str]


def _known(instrument: Instrument) -> _Known:
    key = (instrument.digest, len(instrument.groups))  # a self-assessment asks for no staff group
    known = _KNOWN.get(key)
    if known is None:
        signs = "".join(f"[{OPEN}{SIGNS[: len(item.options)]}{DECLINED}]" for item in instrument.items)
        signs_of = dict(zip((group.id for group in instrument.groups), SIGNS, strict=False))
        # A page rendered before an update of the service sends the name of the group.
        groups = signs_of | {sign: sign for sign in ("", DECLINED, *signs_of.values())}
        known = _Known(re.compile(signs), groups)
        _KNOWN.put(key, known)
    return known


_KNOWN: BoundedCache[tuple[str, int], _Known] = BoundedCache("signs of questionnaires", most=32)


def empty_state(instrument: Instrument) -> AnswerState:
    """Return an answer state in which nothing is answered."""
    return AnswerState(marks=OPEN * len(instrument.items))


def read_answers(instrument: Instrument, form: Mapping[str, str]) -> AnswerState:
    """Return the earlier answers together with those of the submitted page.

    Raises InvalidAnswerState where a mark, an option or a group is not one of the questionnaire's: no page
    of ours can send such, so there is nothing to keep.
    """
    known = _known(instrument)
    marks = "".join(_overlay(form.get("marks", ""), form, count=len(instrument.items)))
    group = form.get("group", "")
    if not known.marks.fullmatch(marks) or group not in known.groups:
        raise InvalidAnswerState
    return AnswerState(marks=marks, group=known.groups[group], comment=form.get("comment", "").strip())


def _overlay(earlier: str, form: Mapping[str, str], *, count: int) -> list[str]:
    marks = list(earlier or OPEN * count)
    if len(marks) != count:
        raise InvalidAnswerState
    for name, sign in form.items():
        if name[:1] == "q" and name[1:].isdecimal():
            if len(name) > LONGEST_NAME or int(name[1:]) >= count or len(sign) != 1:
                raise InvalidAnswerState
            marks[int(name[1:])] = sign
    return marks


def encode_ratings(state: AnswerState) -> bytes:
    """Return the position of each item's chosen option; SKIPPED where it was left open or declined."""
    return state.marks.encode().translate(_POSITIONS)


def chosen_staff_group(instrument: Instrument, state: AnswerState) -> str | None:
    """Return the id of the chosen staff group; None where it was left open or declined."""
    return None if state.group in ("", DECLINED) else instrument.groups[SIGNS.index(state.group)].id
