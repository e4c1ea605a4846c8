"""Store a publication and erase all other data of the round, in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.core.comments import name_parts
from app.core.publication import Publication
from app.core.rounds import Certificate, KeyHost, Round, RoundState
from app.services.counting.progress import CountStage, ProgressCallback, ignore_progress
from app.store import (
    accounts,
    bounces,
    boxes,
    comments,
    contacts,
    invitations,
    jobs,
    outbox,
    processes,
    publications,
    round_key_copies,
    rounds,
    uploads,
)
from app.store.invitations import ErasedInvitationCounts


@dataclass(frozen=True, slots=True)
class CountedComments:
    """Comments that may be read, by unit, and the number of all comments."""

    by_community: Mapping[str, Sequence[str]]
    written: int


def publish_and_erase(
    session: Session,
    round_: Round,
    publication: Publication,
    *,
    unreadable: int,
    comments_: CountedComments,
    key_lost: bool = False,
    progress: ProgressCallback = ignore_progress,
) -> Certificate:
    """Store a publication, erase all other data of the round, and return the certificate.

    `key_lost`: the round was ended without its key, so its destruction cannot be certified.
    """
    key_hosts = _key_hosts(session, round_)
    digest = publications.add(session, publication)
    comments_kept = _keep(session, round_, comments_)
    progress(CountStage.PUBLISHED, publication.counted)
    erased_boxes, erased, addresses = _erase(session, round_, now=publication.counted_at)
    progress(CountStage.ERASED, erased_boxes + erased.codes)
    certificate = Certificate(
        round=round_.id,
        invited=publication.invited,
        issued=erased.codes,
        drawn=rounds.drawn_code_count(session, round_.id),
        counted=publication.counted,
        unreadable=unreadable,
        counted_at=publication.counted_at,
        key_mode=round_.key_mode,
        publication_digest=digest,
        erased_boxes=erased_boxes,
        erased_codes=erased.codes,
        erased_contacts=addresses,
        comments_kept=comments_kept,
        comments_erased=comments_.written - comments_kept,
        key_lost=key_lost,
        # Answers passed through the memory of these processes.
        processes=processes.mark_all_for_replacement(session),
        key_hosts=key_hosts,
    )
    rounds.try_change_state(session, round_.id, before=RoundState.CLOSED, after=RoundState.COUNTED)
    rounds.set_certificate_and_wiped_flag(session, certificate)
    progress(CountStage.CERTIFIED, certificate.counted)
    return certificate


def _keep(session: Session, round_: Round, words: CountedComments) -> int:
    """Store the comments that may be read; return how many."""
    if not words.by_community:
        return 0
    return comments.add(session, round_.id, words.by_community, names=_names(session, round_))


def _erase(session: Session, round_: Round, *, now: datetime) -> tuple[int, ErasedInvitationCounts, int]:
    """Erase everything that is not published; return the numbers of boxes, codes and addresses."""
    erased_boxes = boxes.erase(session, round_.id)
    erased = invitations.erase(session, round_.id)
    addresses = max(erased.contacts, contacts.erase(session, round_.id))
    bounces.erase(session, round_.id)
    outbox.erase(session, round_.id)
    uploads.delete_contact_lists_of_round(session, round_.id)
    rounds.erase_box_salt_and_bands(session, round_.id)
    round_key_copies.erase(session, round_.id)
    # Runs have times: together with PostgreSQL's transaction ids they would reveal the minutes of answers.
    jobs.delete_before_except_newest(session, before=now)
    return erased_boxes, erased, addresses


def _key_hosts(session: Session, round_: Round) -> tuple[KeyHost, ...] | None:
    """Return the hosts that share the round's key and have still to destroy theirs; None if it was never shared."""
    key_copies = [
        key_copy
        for key_copy in round_key_copies.key_copies_of_round(session, round_.id)
        if key_copy.can_open or key_copy.sealed is not None
    ]
    return tuple(KeyHost(key_copy.host_id, key_copy.host_name) for key_copy in key_copies) or None


def _names(session: Session, round_: Round) -> frozenset[str]:
    """Return possible names of persons: from contacts, accounts and units of the round."""
    units = round_.boundaries.units if round_.boundaries else ()
    accounts_ = [item for account in accounts.accounts(session) for item in (account.name, account.email)]
    invited = [contact.address for contact in contacts.contacts(session, round_.id)]
    return name_parts(
        [*invited, *invitations.units_by_mailed_address(session, round_.id), *accounts_, *(unit.name for unit in units)]
    )
