"""Questionnaires: read from TOML, checked, scored, compared."""

from app.core.instruments.comparison import (
    comparable_scales,
    items_with_changed_lead_in,
    key_deviations,
    lead_in_digest,
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
    staff_group_names_by_id,
)
from app.core.instruments.scoring import (
    SKIPPED,
    ScaleScorer,
    reverse_scored_values,
    scale_scorers,
    scale_scores,
    score_range,
)
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
    "items_with_changed_lead_in",
    "key_deviations",
    "lead_in_digest",
    "parse",
    "reverse_scored_values",
    "same_question",
    "scale_scorers",
    "scale_scores",
    "score_range",
    "sorted_values",
    "staff_group_names_by_id",
]
