"""Answering: resolve access codes and submit ballots."""

from app.core.ballots import SKIPPED
from app.services.answering.code_resolution import (
    AnswerTicket,
    InvalidCode,
    OpenRoundBoxes,
    boxes_of_open_rounds,
    list_open_rounds,
    recheck_code,
    resolve_code,
)
from app.services.answering.submission import InvalidAnswers, Refusal, Submission, submit, submit_batch

__all__ = [
    "SKIPPED",
    "AnswerTicket",
    "InvalidAnswers",
    "InvalidCode",
    "OpenRoundBoxes",
    "Refusal",
    "Submission",
    "boxes_of_open_rounds",
    "list_open_rounds",
    "recheck_code",
    "resolve_code",
    "submit",
    "submit_batch",
]
