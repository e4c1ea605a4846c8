"""Count a round: open the boxes, publish the results and erase the ballots, in one transaction.

Destroying the key and wiping the files is not possible in a transaction:
`destroy_keys_and_wipe_remnants` does it and is repeated until it succeeds.
"""

from app.services.counting.abandonment import abandon_round
from app.services.counting.key_sharing import (
    can_open,
    clear_key_copies_of_silent_hosts,
    key_copies_of_living_hosts,
    share_round_keys_among_hosts,
    this_host,
)
from app.services.counting.progress import CountStage
from app.services.counting.round_count import (
    BoxDamaged,
    CountConsent,
    CountNeedsConfirmation,
    automatic_rounds_to_count,
    count_round,
    find_certificate,
    key_from_backups,
    rounds_to_count_with_local_key,
)
from app.services.counting.secure_wipe import (
    destroy_and_certify_leftover_keys,
    destroy_keys_and_wipe_remnants,
    unwiped_rounds,
)

__all__ = [
    "BoxDamaged",
    "CountConsent",
    "CountNeedsConfirmation",
    "CountStage",
    "abandon_round",
    "automatic_rounds_to_count",
    "can_open",
    "clear_key_copies_of_silent_hosts",
    "count_round",
    "destroy_and_certify_leftover_keys",
    "destroy_keys_and_wipe_remnants",
    "find_certificate",
    "key_copies_of_living_hosts",
    "key_from_backups",
    "rounds_to_count_with_local_key",
    "share_round_keys_among_hosts",
    "this_host",
    "unwiped_rounds",
]
