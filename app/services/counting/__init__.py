"""Count a round: open the boxes, publish, erase; all of it or nothing.

The count is one transaction of the caller's. What no transaction can do, destroying the key and wiping
the files, is `finish_cleaning`, which is repeated until it succeeds.
"""

from app.services.counting.ceremony import (
    BoxDamaged,
    Consent,
    CountStopped,
    certificate,
    count,
    count_automatic_due,
    due,
    due_here,
    read_key,
)
from app.services.counting.giving_up import give_up
from app.services.counting.stages import Stage
from app.services.counting.wiping import destroy_left_keys, finish_cleaning, uncleaned

__all__ = [
    "BoxDamaged",
    "Consent",
    "CountStopped",
    "Stage",
    "certificate",
    "count",
    "count_automatic_due",
    "destroy_left_keys",
    "due",
    "due_here",
    "finish_cleaning",
    "give_up",
    "read_key",
    "uncleaned",
]
