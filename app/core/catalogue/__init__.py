"""The regional catalogue: courses, their offerings, and the table that they come and go in."""

from app.core.catalogue.courses import (
    AUDIENCES,
    DIMENSIONS,
    Area,
    Course,
    Grade,
    Mode,
    Offering,
    Relevance,
    Session,
    Status,
    Target,
    in_time,
)

__all__ = [
    "AUDIENCES",
    "DIMENSIONS",
    "Area",
    "Course",
    "Grade",
    "Mode",
    "Offering",
    "Relevance",
    "Session",
    "Status",
    "Target",
    "in_time",
]
