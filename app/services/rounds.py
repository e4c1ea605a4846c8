"""Use cases of rounds: plan, open, issue codes, close and release."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from app.core.ballots import ballot_size
from app.core.comments import SLOT_BYTES as COMMENT
from app.core.counting.bands import open_round_rate_band_texts
from app.core.instruments import Instrument
from app.core.languages import Language, Translations
from app.core.mail import MailedCode
from app.core.organisations import Region, ReportingUnit, mark_surveyed_units
from app.core.rounds import (
    BoxContent,
    InvalidTransition,
    KeyMode,
    Round,
    RoundError,
    RoundFault,
    RoundId,
    RoundKind,
    RoundState,
    TransitionFault,
    require_transition,
)
from app.core.text import bad_characters_with_positions, normal_line
from app.store import (
    boxes,
    comments,
    contacts,
    followup,
    instruments,
    invitations,
    outbox,
    processes,
    publications,
    uploads,
)
from app.store import rounds as store
from app.store import secret_fingerprint as secret_fingerprint_module
from app.store.boxes import Box
from app.store.invitations import Invitation
from app.vault import boxes as vault
from app.vault import codes
from app.vault import round_keys as vault_keys
from app.vault.codes import CodeKind
from app.vault.round_keys import KeyBackup
from app.vault.tokens import secret_fingerprint


@dataclass(frozen=True, slots=True)
class OpenedRound:
    """A round that was just opened; with its key sheets or its recovery sheet, which are shown only once."""

    round: Round
    key_backups: tuple[KeyBackup, ...] = ()


def rounds(session: Session) -> tuple[Round, ...]:
    """Return all rounds, oldest opening first."""
    return store.rounds(session)


def get_round(session: Session, round_id: RoundId) -> Round:
    """Return a round; RoundError if there is none with this number."""
    round_ = store.find_round(session, round_id)
    if round_ is None:
        raise RoundError(RoundFault.NO_SUCH_ROUND, round=round_id)
    return round_


def plan_round(  # noqa: PLR0913 - all properties of a round, by keyword
    session: Session,
    *,
    title: str,
    title_translations: Translations | None = None,
    instrument: Instrument,
    source: str,
    opens_at: datetime,
    closes_at: datetime,
    key_mode: KeyMode = KeyMode.AUTOMATIC,
    kind: RoundKind = RoundKind.SURVEY,
    comments: bool = False,
    by_group: bool = False,
    k: int = 10,
) -> RoundId:
    """Store the draft of a round and return its number; nobody can answer yet."""
    draft = Round(
        id=RoundId(0),
        title=_valid_title(title),
        title_translations=valid_title_translations(title_translations),
        kind=kind,
        state=RoundState.DRAFT,
        instrument=instrument.id,
        instrument_digest=instrument.digest,
        key_mode=key_mode,
        opens_at=opens_at,
        closes_at=closes_at,
        boundaries=None,
        comments=comments,
        by_group=by_group,
        k=k,
    )
    _require_valid_days(draft)
    instruments.store_source(session, instrument, source)
    return store.add(session, draft)


def change_planned_round(  # noqa: PLR0913 - all properties that a plan decides, by keyword
    session: Session,
    seen: Round,
    *,
    title: str,
    title_translations: Translations | None = None,
    instrument: Instrument,
    source: str,
    opens_at: datetime,
    closes_at: datetime,
    key_mode: KeyMode,
    kind: RoundKind,
    comments: bool,
    by_group: bool,
) -> Round:
    """Change a planned round and return it; RoundError if it was opened or changed after it was `seen`.

    A pulse survey of certain communities stays a pulse: as a survey it would ask only a part of the region.
    """
    _require_planned(seen)
    changed = replace(
        seen,
        title=_valid_title(title),
        title_translations=valid_title_translations(title_translations),
        kind=seen.kind if followup.units_asked_by_pulse(session, seen.id) else kind,
        instrument=instrument.id,
        instrument_digest=instrument.digest,
        opens_at=opens_at,
        closes_at=closes_at,
        key_mode=key_mode,
        comments=comments,
        by_group=by_group,
    )
    _require_valid_days(changed)
    instruments.store_source(session, instrument, source)
    if not store.update_draft_if_unchanged(session, seen, changed):
        raise RoundError(RoundFault.CHANGED_MEANWHILE)
    return changed


def delete_planned_round(session: Session, seen: Round) -> None:
    """Delete a planned round with its addresses and planned messages; RoundError if it was opened or changed.

    Nobody can have answered: codes and boxes come into being when a round opens.
    """
    _require_planned(seen)
    contacts.erase(session, seen.id)
    contacts.erase_sender(session, seen.id)
    for batch in outbox.mail_batches(session, round_id=seen.id):
        outbox.delete_planned_batch(session, batch.id)
    uploads.delete_contact_lists_of_round(session, seen.id)
    if not store.delete_draft_if_unchanged(session, seen):
        raise RoundError(RoundFault.CHANGED_MEANWHILE)


def _require_planned(round_: Round) -> None:
    if round_.state is not RoundState.DRAFT:
        raise RoundError(RoundFault.NOT_PLANNED)


def _valid_title(title: str) -> str:
    normal = normal_line(title)
    if not normal or bad_characters_with_positions(normal):
        raise RoundError(RoundFault.NO_TITLE)
    return normal


def valid_title_translations(translations: Translations | None) -> Translations | None:
    """Return the translations of a title in their normal form; RoundError for what cannot be a title."""
    if translations is None:
        return None
    titles = {
        language.value: _valid_title(translations.in_language(language)) for language in translations.written_languages
    }
    return Translations(**{language.value: titles.get(language.value, "") for language in Language})


def _require_valid_days(draft: Round) -> None:
    if draft.closes_at <= draft.opens_at:
        raise RoundError(RoundFault.CLOSES_BEFORE_OPENING)


def open_round(
    session: Session,
    round_id: RoundId,
    *,
    now: datetime,
    secret: bytes,
    keys: Path,
    region: Region,
    split: bool = False,
    recovery_sheet: bool = False,
) -> OpenedRound:
    """Open a round: freeze its boundaries, create its keys and add its boxes.

    In trustee mode the key sheets are returned and not stored; `split` makes two, which are both needed. In automatic
    mode the key is stored as a file; with `recovery_sheet` a sheet is returned as well, for the loss of every host.
    """
    draft = get_round(session, round_id)
    region = region.restricted_to(followup.units_asked_by_pulse(session, round_id))
    if now >= draft.closes_at:
        raise RoundError(RoundFault.LAST_DAY_PASSED)
    if not any(unit.invited_count for unit in region.units):
        raise RoundError(RoundFault.NOBODY_INVITED)
    instrument = instruments.get_questionnaire(session, draft.instrument_digest)
    if instrument.parts_with_missing_texts:
        raise RoundError(RoundFault.LACKS_SENTENCES, items=", ".join(instrument.parts_with_missing_texts[:5]))
    secret_fingerprint_module.require_or_store(session, secret_fingerprint(secret))
    region = mark_surveyed_units(region, _surveyed_communities(session))
    _set_state(session, draft, RoundState.OPEN)
    pair = vault_keys.draw_keypair()
    salt = vault.draw_salt()
    store.store_boundaries_and_keys(session, round_id, region=region, public_key=pair.public, box_salt=salt)
    boxes.add(session, round_id, _empty_boxes(draft, region, instrument, vault.box_key(secret, salt)))
    if draft.key_mode is KeyMode.TRUSTEE:
        return OpenedRound(get_round(session, round_id), vault_keys.key_backups(pair.secret, split=split))
    vault_keys.save_key_file(keys, round_id, pair)
    sheets = vault_keys.key_backups(pair.secret) if recovery_sheet else ()
    return OpenedRound(get_round(session, round_id), sheets)


def _surveyed_communities(session: Session) -> frozenset[str]:
    """Return the communities that took part in a released survey."""
    return frozenset(
        community
        for round_ in store.rounds(session)
        if round_.kind is RoundKind.SURVEY and round_.state is RoundState.RELEASED and round_.boundaries is not None
        for unit in round_.boundaries.units
        for community in unit.communities
    )


def verify_key_backups(session: Session, round_id: RoundId, key_backups: Sequence[str]) -> None:
    """Verify the typed or scanned key sheets of a round; InvalidKey says what is wrong.

    In trustee mode no code is issued before this succeeded: an invalid key sheet must be noticed while nobody has
    answered.
    """
    _require_open(session, round_id)
    vault_keys.secret_key_from_backups(key_backups, public_key=store.public_key(session, round_id))
    store.set_key_tested(session, round_id)


def are_key_backups_verified(session: Session, round_id: RoundId) -> bool:
    """Tell whether the round's key sheets were verified."""
    return store.is_key_tested(session, round_id)


def has_codes(session: Session, round_id: RoundId) -> bool:
    """Tell whether codes were drawn for a round, so that staff can answer."""
    return store.drawn_code_count(session, round_id) > 0


def issue_slip_codes(
    session: Session, round_id: RoundId, unit_id: str, *, secret: bytes, now: datetime
) -> tuple[str, ...]:
    """Draw slip codes for everybody in a unit who has not answered or been mailed a code.

    The codes are returned only once. Unspent slip codes that were drawn before stop working.
    """
    store.lock_against_submissions(session, round_id)
    unit = _require_issuable(session, round_id, now=now).get_unit(unit_id)
    invitations.withdraw_unspent(session, round_id, unit_id, kind=CodeKind.SLIP)
    boxes_ = _free_slots(session, round_id, unit)
    drawn = tuple(codes.draw_slip_code(round_id) for _ in boxes_)
    _store_codes(session, round_id, unit_id, drawn, boxes_, secret=secret)
    return drawn


def issue_mailed_codes(
    session: Session, round_id: RoundId, contacts: Mapping[str, Sequence[str]], *, secret: bytes, now: datetime
) -> tuple[MailedCode, ...]:
    """Draw a code for each address; `contacts` maps units to addresses."""
    store.lock_against_submissions(session, round_id)
    round_ = _require_issuable(session, round_id, now=now)
    addressed = []
    for unit_id, addresses in contacts.items():
        unit = round_.get_unit(unit_id)
        boxes_ = _free_slots(session, round_id, unit)
        if len(addresses) > len(boxes_):
            raise RoundError(RoundFault.NO_ROOM, unit=unit.name, room=len(boxes_), given=len(addresses))
        drawn = tuple(codes.draw_mailed_code() for _ in addresses)
        _store_codes(session, round_id, unit_id, drawn, boxes_[: len(drawn)], secret=secret, contacts=addresses)
        addressed += [MailedCode(unit_id, *pair) for pair in zip(addresses, drawn, strict=True)]
    return tuple(addressed)


def addresses_with_unspent_codes(session: Session, round_id: RoundId) -> tuple[str, ...]:
    """Return the addresses to remind, whose code is unspent."""
    return invitations.addresses_with_unspent_codes(session, round_id)


def close(session: Session, round_id: RoundId, *, now: datetime) -> Round:
    """Close a round: no code can be spent any more. Closing early moves the closing time to now.

    All service processes are replaced, because answers passed through their memory.
    """
    store.lock_against_submissions(session, round_id)
    round_ = get_round(session, round_id)
    _set_state(session, round_, RoundState.CLOSED)
    store.set_closes_at(session, round_id, min(round_.closes_at, now))
    processes.mark_all_for_replacement(session)
    return get_round(session, round_id)


def close_due(session: Session, *, now: datetime) -> tuple[Round, ...]:
    """Close all rounds whose closing time has passed; can be called again."""
    return tuple(close(session, round_.id, now=now) for round_ in store.rounds(session) if round_.must_close(now))


def open_due(session: Session, *, now: datetime, secret: bytes, keys: Path, region: Region) -> tuple[Round, ...]:
    """Open all planned rounds in automatic mode whose opening time has come; can be called again."""
    due = [round_ for round_ in store.rounds(session) if round_.can_open_automatically(now)]
    return tuple(
        open_round(session, round_.id, now=now, secret=secret, keys=keys, region=region).round for round_ in due
    )


def release(session: Session, round_id: RoundId, *, now: datetime) -> Round:
    """Release the results of a counted round; RoundError if nothing could be read."""
    certificate = store.find_certificate(session, round_id)
    if certificate is not None and certificate.all_ballots_unreadable:
        raise RoundError(RoundFault.NOTHING_READABLE)
    if publications.find_replacement(session, round_id) is not None:
        raise RoundError(RoundFault.REPLACED)
    _set_state(session, get_round(session, round_id), RoundState.RELEASED)
    publications.set_released_and_store_summary(session, round_id, now=now)
    if comments.erase_withheld(session, round_id):
        store.set_unwiped(session, round_id)
    return get_round(session, round_id)


def refresh_participation(session: Session, *, now: datetime) -> tuple[RoundId, ...]:
    """Refresh the participation of open rounds, at most once a day, so that changes reveal nothing."""
    refreshed = []
    for round_ in store.rounds(session):
        _, day = store.participation_bands_and_day(session, round_.id)
        if round_.state is RoundState.OPEN and round_.boundaries is not None and day != now.date():
            result = open_round_rate_band_texts(
                round_.boundaries.units, invitations.spent_code_counts_by_unit(session, round_.id)
            )
            store.set_participation_bands(session, round_.id, result, day=now.date())
            refreshed.append(round_.id)
    return tuple(refreshed)


def participation_bands_by_unit(session: Session, round_id: RoundId) -> Mapping[str, str]:
    """Return the participation of each unit in bands, as of the last daily refresh."""
    return store.participation_bands_and_day(session, round_id)[0]


def _set_state(session: Session, round_: Round, to: RoundState) -> None:
    require_transition(round_.state, to)
    if not store.try_change_state(session, round_.id, before=round_.state, after=to):
        raise InvalidTransition(TransitionFault.MOVED_MEANWHILE, state=round_.state.value, to=to.value)


def _require_open(session: Session, round_id: RoundId) -> Round:
    round_ = get_round(session, round_id)
    if round_.state is not RoundState.OPEN:
        raise RoundError(RoundFault.NOT_OPEN, state=round_.state.value)
    return round_


def _require_issuable(session: Session, round_id: RoundId, *, now: datetime) -> Round:
    round_ = _require_open(session, round_id)
    if not round_.accepts_answers(now):
        raise RoundError(RoundFault.NO_MORE_CODES)
    if round_.key_mode is KeyMode.TRUSTEE and not store.is_key_tested(session, round_id):
        raise RoundError(RoundFault.KEY_NOT_TRIED)
    return round_


def _empty_boxes(draft: Round, region: Region, instrument: Instrument, key: bytes) -> Iterator[Box]:
    sizes = {BoxContent.BALLOTS: ballot_size(len(instrument.items))} | (
        {BoxContent.COMMENTS: COMMENT} if draft.comments else {}
    )
    for content, size in sizes.items():
        for unit in region.units:
            for number, slots in enumerate(vault.slot_counts_of_boxes(unit.invited_count)):
                name = vault.box_label(draft.id, unit.id, number, content=content)
                yield Box(unit.id, number, vault.new_box(slots, key=key, name=name, size=size), content)


def _free_slots(session: Session, round_id: RoundId, unit: ReportingUnit) -> list[int]:
    """Return a box number for each slot without a code, in random order."""
    used = invitations.code_counts_by_box(session, round_id, unit.id)
    sizes = enumerate(vault.slot_counts_of_boxes(unit.invited_count))
    free = [number for number, slots in sizes for _ in range(slots - used.get(number, 0))]
    return [free[index] for index in vault.random_permutation(len(free))]


def _store_codes(
    session: Session,
    round_id: RoundId,
    unit_id: str,
    drawn: Sequence[str],
    box_numbers: Sequence[int],
    *,
    secret: bytes,
    contacts: Sequence[str] = (),
) -> None:
    kind = CodeKind.MAILED if contacts else CodeKind.SLIP
    addresses = contacts or (None,) * len(drawn)
    rows = [
        Invitation(codes.code_digest(code, secret=secret), unit_id, box, kind, contact)
        for code, box, contact in zip(drawn, box_numbers, addresses, strict=True)
    ]
    if rows:
        invitations.add(session, round_id, rows)
        store.add_codes_drawn(session, round_id, len(rows))
