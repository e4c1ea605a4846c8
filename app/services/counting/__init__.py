"""Count a round: open the boxes, publish the results and erase the ballots, in one transaction.

Destroying the key and wiping the files is not possible in a transaction:
`destroy_keys_and_wipe_remnants` does it and is repeated until it succeeds.
"""

from app.services.counting.abandonment import abandon_round
from app.services.counting.key_sharing import (
    can_open,
    key_copies_of_living_hosts,
    share_round_keys_among_hosts,
    this_host,
    withdraw_key_copies_of_host,
)
from app.services.counting.progress import CountStage
from app.services.counting.round_count import (
    BoxDamaged,
    CountConsent,
    CountStopped,
    automatic_rounds_to_count,
    count_round,
    find_certificate,
    key_from_backups,
    rounds_to_count_with_local_key,
)
from app.services.counting.secure_wipe import destroy_keys_and_wipe_remnants, destroy_leftover_keys, unwiped_rounds

__all__ = [
    "BoxDamaged",
    "CountConsent",
    "CountStage",
    "CountStopped",
    "abandon_round",
    "automatic_rounds_to_count",
    "can_open",
    "count_round",
    "destroy_keys_and_wipe_remnants",
    "destroy_leftover_keys",
    "find_certificate",
    "key_copies_of_living_hosts",
    "key_from_backups",
    "rounds_to_count_with_local_key",
    "share_round_keys_among_hosts",
    "this_host",
    "unwiped_rounds",
    "withdraw_key_copies_of_host",
]
