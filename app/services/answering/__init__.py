"""Answering: look behind a code, and cast a ballot with it."""

from app.core.ballots import SKIPPED
from app.services.answering.casting import AnswersRefused, Refusal, Sending, cast, cast_together
from app.services.answering.looking import CodeRefused, OpenBoxes, Paper, look, look_again, open_boxes, open_now

__all__ = [
    "SKIPPED",
    "AnswersRefused",
    "CodeRefused",
    "OpenBoxes",
    "Paper",
    "Refusal",
    "Sending",
    "cast",
    "cast_together",
    "look",
    "look_again",
    "open_boxes",
    "open_now",
]
