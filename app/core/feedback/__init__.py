"""What one person learns from the own answers: a profile and things to do, for that person's eyes only."""

from app.core.feedback.courses import Suitable, still_open, suitable_courses
from app.core.feedback.keepsake import Keepsake, KeepsakeRefused, read_keepsake, write_keepsake
from app.core.feedback.profile import Line, Profile, Standing, profile
from app.core.feedback.suggestions import ANY, Suggestion, SuggestionsRefused, Who, read_suggestions

__all__ = [
    "ANY",
    "Keepsake",
    "KeepsakeRefused",
    "Line",
    "Profile",
    "Standing",
    "Suggestion",
    "SuggestionsRefused",
    "Suitable",
    "Who",
    "profile",
    "read_keepsake",
    "read_suggestions",
    "still_open",
    "suitable_courses",
    "write_keepsake",
]
