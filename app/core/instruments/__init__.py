"""Questionnaires: read from TOML, checked, scored, compared."""

from app.core.instruments.comparison import (
    comparable_scales,
    key_deviations,
    lead_in_digest,
    other_lead_ins,
    same_question,
)
from app.core.instruments.errors import (
    ENGLISH,
    InvalidQuestionnaire,
    QuestionnaireError,
    QuestionnaireErrorCode,
    sorted_values,
)
from app.core.instruments.instrument import (
    Instrument,
    Item,
    Norm,
    Option,
    Polarity,
    Scale,
    Scoring,
    StaffGroup,
    Theme,
    staff_group_words,
)
from app.core.instruments.scoring import SKIPPED, ScaleScorer, reverse_items, scale_scorers, scale_scores, score_range
from app.core.instruments.toml_reader import parse

__all__ = [
    "ENGLISH",
    "SKIPPED",
    "Instrument",
    "InvalidQuestionnaire",
    "Item",
    "Norm",
    "Option",
    "Polarity",
    "QuestionnaireError",
    "QuestionnaireErrorCode",
    "Scale",
    "ScaleScorer",
    "Scoring",
    "StaffGroup",
    "Theme",
    "comparable_scales",
    "key_deviations",
    "lead_in_digest",
    "other_lead_ins",
    "parse",
    "reverse_items",
    "same_question",
    "scale_scorers",
    "scale_scores",
    "score_range",
    "sorted_values",
    "staff_group_words",
]
