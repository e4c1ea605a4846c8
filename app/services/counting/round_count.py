"""Count a round: open its boxes, sum the ballots by unit, publish; ballots are never stored."""

from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import groupby
from pathlib import Path

from sqlalchemy.orm import Session

from app.core import counting
from app.core.comments import SLOT_BYTES as COMMENT
from app.core.comments import decode_text, publishable_own_and_pooled_comments
from app.core.counting import BallotSums, Preflight
from app.core.disclosure.overlaps import OverlappingPublication, find_overlapping_publications
from app.core.disclosure.policy import Policy
from app.core.instruments import Instrument
from app.core.rounds import (
    BoxContent,
    Certificate,
    KeyMode,
    Round,
    RoundError,
    RoundFault,
    RoundId,
    RoundState,
    require_transition,
)
from app.services.counting.box_processes import choose_process_count, sum_in_processes
from app.services.counting.erasure import CountedComments, publish_and_erase
from app.services.counting.gc_pause import pause_gc
from app.services.counting.key_sharing import can_open, get_round_secret_key
from app.services.counting.progress import CountStage, ProgressCallback, ignore_progress
from app.store import boxes, instruments, publications, rounds
from app.store.database import extend_idle_timeout
from app.store.overlaps import stored_publications
from app.vault import boxes as vault
from app.vault import round_keys as vault_keys
from app.vault.box_sums import OpeningKeys, SealedBox, UnitBoxes
from app.vault.boxes import InvalidBox


class CountNeedsConfirmation(Exception):
    """The count stopped before anything was erased: a person must check the preflight and confirm."""

    def __init__(self, preflight: Preflight) -> None:
        """Store the preflight result."""
        self.preflight = preflight
        super().__init__("The count stopped before anything was erased.")


class CountConsent(StrEnum):
    """What a count may do after the preflight."""

    ASK = "ask"  # a person starts the count: stop at anything unexpected
    AUTOMATIC = "automatic"  # no person is present: few answers are not an error
    GIVEN = "given"  # a person has seen the preflight and confirms


class BoxDamaged(Exception):
    """A box was modified or the secret key is wrong; nothing was counted. Restore both, then count."""


def count_round(  # noqa: PLR0913 - all inputs of a count, by keyword
    session: Session,
    round_id: RoundId,
    *,
    key: bytes | None = None,
    policy: Policy,
    secret: bytes,
    now: datetime,
    keys: Path,
    progress: ProgressCallback = ignore_progress,
    consent: CountConsent = CountConsent.AUTOMATIC,
    processes: int | None = None,
) -> Certificate:
    """Count a closed round, publish the results, and erase all other data, in the caller's transaction.

    `key` is the secret key from the key sheet; without it this host's key files are used. `progress` is called with
    each stage and a number (boxes opened so far, rows erased). For a round that was counted before, only the
    certificate is returned. Before anything is written or erased, the preflight may stop the count, depending on
    `consent`. `processes` share the boxes; without it as many as the round's size and this host's cores make useful,
    0 for none but this one. Raises RoundError, InvalidTransition, InvalidKey, BoxDamaged, CountNeedsConfirmation.
    """
    extend_idle_timeout(session)
    rounds.lock_against_submissions(session, round_id)
    round_ = _round(session, round_id)
    done = rounds.find_certificate(session, round_id)
    if done is not None:
        return done
    require_transition(round_.state, RoundState.COUNTED)
    if policy.k < round_.k:
        raise RoundError(RoundFault.PROMISED_MORE, promised=round_.k, given=policy.k)
    secret_key = _secret_key(session, round_, key, keys)
    instrument = instruments.get_questionnaire(session, round_.instrument_digest)
    try:
        ballots, unreadable = _sum_ballots(
            session,
            round_,
            instrument,
            secret=secret,
            secret_key=secret_key,
            progress=progress,
            processes=processes,
        )
        words = _comments(session, round_, policy, secret=secret, secret_key=secret_key)
    except InvalidBox as damaged:
        raise BoxDamaged(str(damaged)) from damaged
    with pause_gc():
        publication = counting.build_publication(
            ballots,
            round=round_,
            instrument=instrument,
            policy=policy,
            earlier=publications.list_released_not_replaced(session),
            counted_at=now,
            issued=rounds.drawn_code_count(session, round_id),
        )
        preflight = counting.preflight(publication, ballots, instrument=instrument, unreadable=unreadable)
        if _must_stop(preflight, consent):
            raise CountNeedsConfirmation(preflight)
        counts = partial(counting.valid_answers_by_scale, ballots, instrument)
        _require_no_broken_overlap(find_overlapping_publications(publication, stored_publications(session), counts))
        return publish_and_erase(
            session, round_, publication, unreadable=unreadable, comments_=words, progress=progress
        )


def _must_stop(preflight: Preflight, consent: CountConsent) -> bool:
    if consent is CountConsent.GIVEN:
        return False
    return preflight.needs_confirmation if consent is CountConsent.ASK else preflight.is_mostly_withheld_or_unreadable


def key_from_backups(session: Session, round_id: RoundId, key_backups: tuple[str, ...]) -> bytes:
    """Return the secret key from the words or QR codes of the key sheets; InvalidKey says what is wrong."""
    _round(session, round_id)
    return vault_keys.secret_key_from_backups(key_backups, public_key=rounds.public_key(session, round_id))


def find_certificate(session: Session, round_id: RoundId) -> Certificate | None:
    """Return the certificate of a round's count, or None before it."""
    return rounds.find_certificate(session, round_id)


def automatic_rounds_to_count(session: Session) -> tuple[RoundId, ...]:
    """Return the closed rounds in automatic mode, which need no person for the count."""
    return tuple(
        round_.id
        for round_ in rounds.rounds(session)
        if round_.state is RoundState.CLOSED and round_.key_mode is KeyMode.AUTOMATIC
    )


def rounds_to_count_with_local_key(session: Session, *, keys: Path) -> tuple[RoundId, ...]:
    """Return the countable rounds that this host can open and no other host is counting."""
    return tuple(
        countable_round
        for countable_round in automatic_rounds_to_count(session)
        if can_open(session, countable_round, keys=keys)
        and not rounds.is_locked_by_another_process(session, countable_round)
    )


def _require_no_broken_overlap(overlaps: Sequence[OverlappingPublication]) -> None:
    """Raise RoundError if an earlier publication and this one together reveal small sets."""
    for overlap in overlaps:
        if overlap.broken:
            raise RoundError(RoundFault.TOLD_TOGETHER, title=overlap.title.main, sets=overlap.broken)


def _round(session: Session, round_id: RoundId) -> Round:
    round_ = rounds.find_round(session, round_id)
    if round_ is None:
        raise RoundError(RoundFault.NO_SUCH_ROUND, round=round_id)
    return round_


def _secret_key(session: Session, round_: Round, key: bytes | None, folder: Path) -> bytes:
    public_key = rounds.public_key(session, round_.id)
    if key is not None:
        return vault_keys.require_matching_key(key, public_key=public_key)
    if round_.key_mode is KeyMode.TRUSTEE:
        raise vault_keys.InvalidKey(vault_keys.KeyFault.NEEDS_SHEET)
    return get_round_secret_key(session, round_.id, keys=folder)


def _sum_ballots(
    session: Session,
    round_: Round,
    instrument: Instrument,
    *,
    secret: bytes,
    secret_key: bytes,
    progress: ProgressCallback,
    processes: int | None,
) -> tuple[BallotSums, int]:
    """Open all boxes; return the sums over their ballots, and the number of unreadable ones."""
    salt = rounds.box_salt(session, round_.id)
    public_key = rounds.public_key(session, round_.id)
    assert salt is not None, "an open round has a salt"
    assert public_key is not None, "an open round has a key"
    assert round_.boundaries is not None, "an open round has boundaries"
    units = round_.boundaries.units
    rows = {unit.id: row for row, unit in enumerate(units)}
    keys = OpeningKeys(round_.id, vault.box_key(secret, salt), secret_key, public_key)
    if processes is None:
        processes = choose_process_count(sum(unit.invited_count for unit in units))
    result = counting.empty_ballot_sums(instrument, units=len(units))
    unreadable = 0
    opened_so_far = 0
    with (
        closing(_boxes_by_unit(session, round_)) as boxes_by_unit,
        closing(sum_in_processes(boxes_by_unit, instrument, keys, processes=processes)) as summed_batches,
    ):
        for batch, summed in summed_batches:
            result.overwrite_unit_sums([rows[unit.unit_id] for unit in batch], summed.sums)
            unreadable += summed.unreadable
            for _box in range(sum(len(unit.boxes) for unit in batch)):
                opened_so_far += 1
                # Never the number of ballots: the screen would reveal it for each unit.
                progress(CountStage.OPENED, opened_so_far)
    return result, unreadable


def _boxes_by_unit(session: Session, round_: Round) -> Generator[UnitBoxes]:
    """Yield the boxes of each unit."""
    assert round_.boundaries is not None
    units = {unit.id: unit for unit in round_.boundaries.units}
    with closing(boxes.iterate_boxes(session, round_.id)) as stored_boxes:
        for unit_id, boxes_of_unit in groupby(stored_boxes, key=lambda box: box.unit_id):
            capacities = vault.slot_counts_of_boxes(units[unit_id].invited_count)
            sealed = tuple(SealedBox(box.number, capacities[box.number], box.blob) for box in boxes_of_unit)
            yield UnitBoxes(unit_id, is_first_survey=not units[unit_id].surveyed_before, boxes=sealed)


def _comments(session: Session, round_: Round, policy: Policy, *, secret: bytes, secret_key: bytes) -> CountedComments:
    """Open the boxes of comments in memory; return those that may be read, by unit, shuffled."""
    salt = rounds.box_salt(session, round_.id)
    written = dict[str, list[str]]()
    key = vault.box_key(secret, salt or b"")
    with closing(boxes.iterate_boxes(session, round_.id, content=BoxContent.COMMENTS)) as comment_boxes:
        for box in comment_boxes:
            name = vault.box_label(round_.id, box.unit_id, box.number, content=BoxContent.COMMENTS)
            sealed = vault.extract_sealed_ballots(box.blob, key=key, name=name, size=COMMENT)
            opened = (
                open_ballot
                for open_ballot in vault.open_ballots(sealed, secret_key=secret_key)
                if open_ballot is not None
            )
            written.setdefault(box.unit_id, []).extend(filter(None, map(decode_text, opened)))
    return CountedComments(
        publishable_own_and_pooled_comments(written, min_comments=policy.comments_from), sum(map(len, written.values()))
    )
