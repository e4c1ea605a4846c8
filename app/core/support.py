"""Support contacts of a municipality, which respondents see with their own feedback."""

from enum import StrEnum

LONGEST = 300


class SupportContactKind(StrEnum):
    """Kind of contact that staff can turn to, in the order in which they are listed."""

    OCCUPATIONAL_HEALTH = "occupational_health"
    SAFETY_REPRESENTATIVE = "safety_representative"
    SHOP_STEWARD = "shop_steward"
    OTHER = "other"
