"""Count a round: open the boxes, publish the results and erase the ballots, in one transaction.

Destroying the key and wiping the files is not possible in a transaction: `finish_cleaning` does it and is
repeated until it succeeds.
"""

from app.services.counting.abandonment import abandon_round
from app.services.counting.progress import CountStage
from app.services.counting.round_count import (
    CountConsent,
    CountStopped,
    DamagedBox,
    automatic_rounds_to_count,
    certificate,
    count_automatic_due,
    count_round,
    key_from_backups,
    rounds_to_count_with_local_key,
)
from app.services.counting.secure_wipe import destroy_leftover_keys, finish_secure_wipe, unwiped_rounds

__all__ = [
    "CountConsent",
    "CountStage",
    "CountStopped",
    "DamagedBox",
    "abandon_round",
    "automatic_rounds_to_count",
    "certificate",
    "count_automatic_due",
    "count_round",
    "destroy_leftover_keys",
    "finish_secure_wipe",
    "key_from_backups",
    "rounds_to_count_with_local_key",
    "unwiped_rounds",
]
