"""The regional catalogue: courses, their offerings, and the table that they come and go in."""

from app.core.catalogue.courses import (
    AUDIENCES,
    DIMENSIONS,
    Area,
    Course,
    CourseSession,
    CourseStatus,
    DeliveryMode,
    EvidenceGrade,
    Offering,
    Relevance,
    Target,
    offering_sort_key,
)

__all__ = [
    "AUDIENCES",
    "DIMENSIONS",
    "Area",
    "Course",
    "CourseSession",
    "CourseStatus",
    "DeliveryMode",
    "EvidenceGrade",
    "Offering",
    "Relevance",
    "Target",
    "offering_sort_key",
]
