"""Where staff find support: the people of a municipality that their own feedback names."""

from enum import StrEnum

LONGEST = 300


class SupportKind(StrEnum):
    """Who can be turned to, in the order in which they are named."""

    OCCUPATIONAL_HEALTH = "occupational_health"
    SAFETY_REPRESENTATIVE = "safety_representative"
    SHOP_STEWARD = "shop_steward"
    OTHER = "other"
