"""Count a round: open the boxes, publish the results and erase the ballots, in one transaction.

Destroying the key and wiping the files is not possible in a transaction: `finish_cleaning` does it and is
repeated until it succeeds.
"""

from app.services.counting.abandonment import abandon_round
from app.services.counting.progress import CountStage
from app.services.counting.round_count import (
    Consent,
    CountStopped,
    DamagedBox,
    certificate,
    count_automatic_due,
    count_round,
    countable_on_this_host,
    countable_rounds,
    read_key,
)
from app.services.counting.secure_wipe import destroy_leftover_keys, finish_cleaning, unwiped_rounds

__all__ = [
    "Consent",
    "CountStage",
    "CountStopped",
    "DamagedBox",
    "abandon_round",
    "certificate",
    "count_automatic_due",
    "count_round",
    "countable_on_this_host",
    "countable_rounds",
    "destroy_leftover_keys",
    "finish_cleaning",
    "read_key",
    "unwiped_rounds",
]
