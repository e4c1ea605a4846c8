"""The regional course catalogue: courses, their offerings, and import and export as a table."""

from app.core.catalogue.courses import (
    AUDIENCES,
    DIMENSIONS,
    Area,
    ChangeTarget,
    Course,
    CourseSession,
    CourseStatus,
    DeliveryMode,
    EvidenceGrade,
    Offering,
    Relevance,
    offering_sort_key,
)

__all__ = [
    "AUDIENCES",
    "DIMENSIONS",
    "Area",
    "ChangeTarget",
    "Course",
    "CourseSession",
    "CourseStatus",
    "DeliveryMode",
    "EvidenceGrade",
    "Offering",
    "Relevance",
    "offering_sort_key",
]
