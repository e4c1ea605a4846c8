"""Own feedback: what a respondent learns from their own answers, shown to nobody else."""

from app.core.feedback.courses import SuitableCourse, startable_course_positions, suitable_courses
from app.core.feedback.profile import Profile, ProfileLine, ScoreLevel, build_profile
from app.core.feedback.saved_profile import InvalidSavedProfile, SavedProfile, read_saved_profile, write_saved_profile
from app.core.feedback.suggestions import ANY, InvalidSuggestions, Suggestion, SuggestionLevel, read_suggestions

__all__ = [
    "ANY",
    "InvalidSavedProfile",
    "InvalidSuggestions",
    "Profile",
    "ProfileLine",
    "SavedProfile",
    "ScoreLevel",
    "Suggestion",
    "SuggestionLevel",
    "SuitableCourse",
    "build_profile",
    "read_saved_profile",
    "read_suggestions",
    "startable_course_positions",
    "suitable_courses",
    "write_saved_profile",
]
