"""Questionnaires: read from TOML, checked, scored, compared."""

from app.core.instruments.comparing import comparable_scales, departures, lead_in_digest, other_lead_ins, same_question
from app.core.instruments.problems import ENGLISH, Fault, InstrumentRefused, Problem, words_of
from app.core.instruments.reading import parse
from app.core.instruments.scoring import SKIPPED, Gauge, bounds, gauges, score, turned
from app.core.instruments.values import (
    Instrument,
    Item,
    Option,
    Polarity,
    Scale,
    Scoring,
    StaffGroup,
    Theme,
)

__all__ = [
    "ENGLISH",
    "SKIPPED",
    "Fault",
    "Gauge",
    "Instrument",
    "InstrumentRefused",
    "Item",
    "Option",
    "Polarity",
    "Problem",
    "Scale",
    "Scoring",
    "StaffGroup",
    "Theme",
    "bounds",
    "comparable_scales",
    "departures",
    "gauges",
    "lead_in_digest",
    "other_lead_ins",
    "parse",
    "same_question",
    "score",
    "turned",
    "words_of",
]
