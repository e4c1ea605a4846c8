"""Questionnaires: read from TOML, validate, score and compare."""

from app.core.instruments.comparison import (
    comparable_scales,
    continued_items,
    items_with_changed_lead_in,
    lead_ins_digest,
    same_question,
    scoring_key_deviations,
)
from app.core.instruments.errors import (
    ENGLISH,
    InvalidQuestionnaire,
    QuestionnaireError,
    QuestionnaireErrorCode,
    message_parameters,
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
    version_numbers,
)
from app.core.instruments.scoring import (
    SKIPPED,
    ScaleScorer,
    scale_scorers,
    scale_scores,
    score_range,
    scored_item_values,
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
    "continued_items",
    "items_with_changed_lead_in",
    "lead_ins_digest",
    "message_parameters",
    "parse",
    "same_question",
    "scale_scorers",
    "scale_scores",
    "score_range",
    "scored_item_values",
    "scoring_key_deviations",
    "staff_group_names_by_id",
    "version_numbers",
]
