"""Answering: resolve access codes and submit ballots."""

from app.core.ballots import SKIPPED
from app.services.answering.code_resolution import (
    AnswerTicket,
    InvalidCode,
    OpenRoundBoxTotals,
    box_totals_of_open_rounds,
    list_open_rounds,
    recheck_code,
    resolve_code,
)
from app.services.answering.round_key_hosts import (
    KeyAvailabilityCache,
    RoundKeyAvailability,
    round_key_availability,
    rounds_without_key_host,
)
from app.services.answering.submission import InvalidAnswers, Refusal, Submission, submit, submit_batch

__all__ = [
    "SKIPPED",
    "AnswerTicket",
    "InvalidAnswers",
    "InvalidCode",
    "KeyAvailabilityCache",
    "OpenRoundBoxTotals",
    "Refusal",
    "RoundKeyAvailability",
    "Submission",
    "box_totals_of_open_rounds",
    "list_open_rounds",
    "recheck_code",
    "resolve_code",
    "round_key_availability",
    "rounds_without_key_host",
    "submit",
    "submit_batch",
]
