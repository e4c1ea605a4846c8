"""Count a round: open the boxes, publish, erase; all of it or nothing.

The count is one transaction of the caller's. What no transaction can do, destroying the key and wiping
the files, is `finish_cleaning`, which is repeated until it succeeds.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

import numpy as np
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.core import counting
from app.core.ballots import decode_pile
from app.core.comments import SIZE as COMMENT
from app.core.comments import decode, lists, names_in
from app.core.counting import Collected
from app.core.disclosure.policy import Policy
from app.core.instruments import Instrument
from app.core.publication import Publication
from app.core.rounds import Certificate, Content, KeyMode, Round, RoundId, RoundRefused, RoundState, require_move
from app.store import (
    accounts,
    boxes,
    cleaning,
    comments,
    contacts,
    imports,
    instruments,
    invitations,
    outbox,
    publications,
    rounds,
)
from app.store.database import take_long
from app.vault import boxes as vault
from app.vault import keys as vault_keys

AWAY = timedelta(minutes=15)


class Stage(StrEnum):
    """How far a count has come; each is told when it is done."""

    OPENED = "opened"
    PUBLISHED = "published"
    ERASED = "erased"
    CERTIFIED = "certified"
    KEY_DESTROYED = "key_destroyed"
    WIPED = "wiped"


@dataclass(frozen=True, slots=True)
class Words:
    """The comments that may be read, by community, and how many were written in all."""

    lists: Mapping[str, Sequence[str]]
    written: int


Tell = Callable[[Stage, int], None]


def _tell_nobody(_stage: Stage, _number: int) -> None:
    return


def count(
    session: Session,
    round_id: RoundId,
    *,
    key: bytes | None = None,
    policy: Policy,
    secret: bytes,
    now: datetime,
    keys: Path,
    tell: Tell = _tell_nobody,
) -> Certificate:
    """Count a closed round, publish what may be published, and erase the rest, in the caller's transaction.

    `key` is the secret key read from the key sheet; without it the key file is used. `tell` is called
    with each stage and a number (ballots opened so far, rows erased). A round that was counted before is
    left as it is and its certificate returned. Raises RoundRefused, RoundMoveRefused, KeyRefused, BoxUnreadable.
    """
    take_long(session)
    rounds.lock(session, round_id)
    current = _round(session, round_id)
    done = rounds.certificate(session, round_id)
    if done is not None:
        return done
    require_move(current.state, RoundState.COUNTED)
    if policy.k < current.k:
        message = f"Staff were promised that no number rests on fewer than {current.k} answers; {policy.k} is laxer."
        raise RoundRefused(message)
    secret_key = _secret_key(session, current, key, keys)
    instrument = instruments.kept(session, current.instrument_digest)
    collected, unreadable = _collect(session, current, instrument, secret=secret, secret_key=secret_key, tell=tell)
    words = _comments(session, current, policy, secret=secret, secret_key=secret_key)
    publication = counting.count(
        collected,
        round=current,
        instrument=instrument,
        policy=policy,
        earlier=publications.all_released(session),
        counted_at=now,
        issued=rounds.drawn(session, round_id),
    )
    return _publish_and_erase(session, current, publication, unreadable=unreadable, words=words, tell=tell)


def read_key(session: Session, round_id: RoundId, sheets: tuple[str, ...]) -> bytes:
    """Return the secret key from the words or pictures of the round's key sheets; KeyRefused says what is wrong."""
    _round(session, round_id)
    return vault_keys.read_sheets(sheets, public_key=rounds.public_key(session, round_id))


def certificate(session: Session, round_id: RoundId) -> Certificate | None:
    """Return the certificate of a round's count, or None before it."""
    return rounds.certificate(session, round_id)


def due(session: Session) -> tuple[RoundId, ...]:
    """Return the closed rounds that can be counted without a person: those in automatic mode."""
    return tuple(
        one.id for one in rounds.rounds(session) if one.state is RoundState.CLOSED and one.key_mode is KeyMode.AUTOMATIC
    )


def due_here(session: Session, *, keys: Path) -> tuple[RoundId, ...]:
    """Return those of the rounds that are due whose key lies in a file of this host."""
    return tuple(
        one for one in due(session) if vault_keys.is_kept(keys, one, public_key=rounds.public_key(session, one))
    )


def count_automatic_due(
    session: Session, *, policy: Policy, secret: bytes, now: datetime, keys: Path
) -> tuple[Certificate, ...]:
    """Count every closed round in automatic mode; safe to call again."""
    return tuple(count(session, one, policy=policy, secret=secret, now=now, keys=keys) for one in due(session))


def finish_cleaning(session: Session, *, now: datetime, keys: Path, tell: Tell = _tell_nobody) -> tuple[RoundId, ...]:
    """Destroy the keys and wipe the remnants of every round that was counted; safe to repeat after any crash.

    A round that another host counted is left to that host, where its key lies, for a quarter of an hour.
    Call it after the count was committed, with a session that has no transaction open. The mark that
    it is done is left for the caller to commit. Raises CleaningUnfinished if somebody holds an old state.
    """
    engine = session.get_bind()
    assert isinstance(engine, Engine), "a session that is bound to one connection cannot wipe the files under it"
    assert not session.in_transaction(), "cleaning needs to stand outside any transaction"
    with Session(engine) as glance:
        glance.connection(execution_options={"only_reads": True})
        uncleaned = rounds.uncleaned(glance)
        waiting = tuple(one for one in uncleaned if _may_clean(glance, one, now=now, keys=keys))
    if not waiting:
        return ()
    for round_id in waiting:
        tell(Stage.KEY_DESTROYED, vault_keys.destroy(keys, round_id))
    cleaning.wipe_remnants(engine)
    tell(Stage.WIPED, len(waiting))
    for round_id in waiting:
        found = rounds.certificate(session, round_id)
        if found is not None:
            rounds.set_certificate(session, replace(found, cleaned_at=now))
    return waiting


def destroy_left_keys(session: Session, *, keys: Path) -> int:
    """Destroy what this host still keeps of rounds that were cleaned while it was away; return how many files."""
    return sum(
        vault_keys.destroy(keys, number)
        for number in vault_keys.numbers(keys)
        if (done := rounds.certificate(session, RoundId(number))) is not None and done.cleaned_at is not None
    )


def _may_clean(session: Session, round_id: RoundId, *, now: datetime, keys: Path) -> bool:
    done = rounds.certificate(session, round_id)
    if done is None or done.key_mode is KeyMode.TRUSTEE or session.get_bind().dialect.name == "sqlite":
        return True
    return round_id in vault_keys.numbers(keys) or now - done.counted_at >= AWAY


def _round(session: Session, round_id: RoundId) -> Round:
    found = rounds.find(session, round_id)
    if found is None:
        message = f"There is no round {round_id}."
        raise RoundRefused(message)
    return found


def _secret_key(session: Session, current: Round, key: bytes | None, folder: Path) -> bytes:
    public_key = rounds.public_key(session, current.id)
    if key is not None:
        return vault_keys.check(key, public_key=public_key)
    if current.key_mode is KeyMode.TRUSTEE:
        raise vault_keys.KeyRefused("This round is counted with its key sheet: give its words.")
    return vault_keys.kept(folder, current.id, public_key=public_key)


def _collect(
    session: Session, current: Round, instrument: Instrument, *, secret: bytes, secret_key: bytes, tell: Tell
) -> tuple[Collected, int]:
    """Open every box in memory; return the ballots and how many could not be read."""
    salt = rounds.box_salt(session, current.id)
    assert salt is not None and current.boundaries is not None, "an open round has a salt and boundaries"
    key = vault.box_key(secret, salt)
    places = {unit.id: place for place, unit in enumerate(current.boundaries.units)}
    contents: list[bytes] = []
    units: list[int] = []
    unopened = 0
    with closing(boxes.boxes(session, current.id)) as found_boxes:
        for box in found_boxes:
            sealed = vault.sealed_ballots(box.blob, key=key, name=vault.label(current.id, box.unit_id, box.number))
            opened = [ballot for ballot in vault.open_ballots(sealed, secret_key=secret_key) if ballot is not None]
            unopened += len(sealed) - len(opened)
            contents += opened
            units += [places[box.unit_id]] * len(opened)
            tell(Stage.OPENED, len(contents))
    pile = decode_pile(
        contents,
        instrument_digest=current.instrument_digest,
        options=[len(item.options) for item in instrument.items],
        groups=len(instrument.groups),
    )
    found = np.asarray(units, dtype=np.int32)[pile.readable]
    unread = unopened + len(contents) - len(found)
    return Collected(units=found, groups=pile.groups, ratings=pile.ratings), unread


def _comments(session: Session, current: Round, policy: Policy, *, secret: bytes, secret_key: bytes) -> Words:
    """Open the boxes of comments in memory; return those that may be read, community by community, shuffled."""
    salt, written = rounds.box_salt(session, current.id), dict[str, list[str]]()
    key = vault.box_key(secret, salt or b"")
    with closing(boxes.boxes(session, current.id, content=Content.COMMENTS)) as found:
        for box in found:
            name = vault.label(current.id, box.unit_id, box.number, content=Content.COMMENTS)
            sealed = vault.sealed_ballots(box.blob, key=key, name=name, size=COMMENT)
            opened = (one for one in vault.open_ballots(sealed, secret_key=secret_key) if one is not None)
            written.setdefault(box.unit_id, []).extend(filter(None, map(decode, opened)))
    return Words(lists(written, least=policy.comments_from), sum(map(len, written.values())))


def _names(session: Session, current: Round) -> frozenset[str]:
    """Return what may be somebody's name: of the contacts, the accounts and the communities of a round."""
    units = current.boundaries.units if current.boundaries else ()
    people = [one for account in accounts.accounts(session) for one in (account.name, account.email)]
    invited = [one.address for one in contacts.contacts(session, current.id)]
    return names_in([*invited, *invitations.contacts(session, current.id), *people, *(unit.name for unit in units)])


def _publish_and_erase(
    session: Session, current: Round, publication: Publication, *, unreadable: int, words: Words, tell: Tell
) -> Certificate:
    digest = publications.add(session, publication)
    kept = comments.add(session, current.id, words.lists, names=_names(session, current))
    tell(Stage.PUBLISHED, publication.counted)
    erased_boxes = boxes.erase(session, current.id)
    erased = invitations.erase(session, current.id)
    addresses = max(erased.contacts, contacts.erase(session, current.id))
    outbox.erase(session, current.id)
    imports.erase_contacts(session, current.id)
    rounds.erase_salt(session, current.id)
    tell(Stage.ERASED, erased_boxes + erased.codes)
    made = Certificate(
        round=current.id,
        invited=publication.invited,
        issued=erased.codes,
        drawn=rounds.drawn(session, current.id),
        counted=publication.counted,
        unreadable=unreadable,
        counted_at=publication.counted_at,
        key_mode=current.key_mode,
        publication_digest=digest,
        erased_boxes=erased_boxes,
        erased_codes=erased.codes,
        erased_contacts=addresses,
        comments_kept=kept,
        comments_erased=words.written - kept,
    )
    rounds.set_state(session, current.id, before=RoundState.CLOSED, after=RoundState.COUNTED)
    rounds.set_certificate(session, made)
    tell(Stage.CERTIFIED, made.counted)
    return made
