"""Own feedback: what a respondent learns from their own answers; nobody else sees it."""

from app.core.feedback.courses import SuitableCourse, first_startable_course_positions, suitable_courses_for_dimension
from app.core.feedback.profile import ProfileLine, RespondentProfile, ScoreLevel, build_profile
from app.core.feedback.saved_profile import InvalidSavedProfile, SavedProfile, read_saved_profile, write_saved_profile
from app.core.feedback.suggestions import (
    ANY,
    InvalidSuggestions,
    Suggestion,
    SuggestionLevel,
    parse_suggestions,
    suggestions_for_scale,
)

__all__ = [
    "ANY",
    "InvalidSavedProfile",
    "InvalidSuggestions",
    "ProfileLine",
    "RespondentProfile",
    "SavedProfile",
    "ScoreLevel",
    "Suggestion",
    "SuggestionLevel",
    "SuitableCourse",
    "build_profile",
    "first_startable_course_positions",
    "parse_suggestions",
    "read_saved_profile",
    "suggestions_for_scale",
    "suitable_courses_for_dimension",
    "write_saved_profile",
]
