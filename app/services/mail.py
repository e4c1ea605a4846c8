"""Write letters and put them into the outbox: invitations, reminders, thanks, results, accounts."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from app.core.accounts import Account, Permission
from app.core.languages import Language
from app.core.mail import (
    LASTS,
    WAITS_FOR_THANKS,
    BatchId,
    BatchState,
    Letter,
    LetterPurpose,
    MailBatch,
    MailError,
    MailSender,
    is_due,
    is_too_late,
    require_reminder_day,
)
from app.core.rounds import Round, RoundId, RoundState
from app.render.letters import Letterhead
from app.store import accounts, contacts, invitations, outbox, rounds
from app.store.outbox import SealedLetter
from app.vault import bounce_tags
from app.vault import sealed_letters as vault
from app.vault.codes import code_digest
from app.vault.tokens import keyed_digest


@dataclass(frozen=True, slots=True)
class MailContext:
    """What it takes to write: the letterhead, the installation's secret, and the moment."""

    head: Letterhead
    secret: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class InvitationCode:
    """A code for one address; it is kept nowhere but in its sealed letter."""

    unit_id: str
    contact: str
    code: str


@dataclass(frozen=True, slots=True)
class FollowUpLetter:
    """A letter about a community to somebody who signs in; its subject is `about`, then `what`."""

    account: Account
    about: str
    what: str
    detail: str
    until: datetime | None = None
    path: str = "/staff/"


def sender(session: Session, round_id: RoundId) -> MailSender:
    """Return in whose name the letters of a round go out."""
    return contacts.sender(session, round_id)


def set_sender(session: Session, round_id: RoundId, chosen: MailSender) -> None:
    """Choose in whose name the letters of a round go out."""
    contacts.set_sender(session, round_id, chosen)


def batches(session: Session, round_id: RoundId) -> tuple[MailBatch, ...]:
    """Return the batches of a round, the planned ones included."""
    return outbox.batches(session, round_id=round_id)


def uninvited(session: Session, round_id: RoundId) -> dict[str, tuple[str, ...]]:
    """Return by unit the addresses that have no code yet."""
    invited = invitations.contacts(session, round_id)
    found: dict[str, list[str]] = {}
    for one in contacts.contacts(session, round_id):
        if one.address not in invited:
            found.setdefault(one.unit, []).append(one.address)
    return {unit: tuple(addresses) for unit, addresses in found.items()}


def plan_reminder(session: Session, current: Round, day: date, *, desk: MailContext) -> BatchId:
    """Plan one batch of reminders for the morning of a day; MailError for a day that will not do."""
    require_reminder_day(current, day, now=desk.now, zone=desk.head.zone)
    if day in {one.due_on for one in batches(session, current.id) if one.purpose is LetterPurpose.REMINDER}:
        raise MailError("day_taken")
    return outbox.plan(session, LetterPurpose.REMINDER, round_id=current.id, due_on=day)


def plan_once(session: Session, current: Round, purpose: LetterPurpose) -> BatchId:
    """Plan thanks to all or the news that results are ready; MailError if that is planned already."""
    if purpose in {one.purpose for one in batches(session, current.id)}:
        raise MailError("planned_already")
    return outbox.plan(session, purpose, round_id=current.id, due_on=None)


def cancel(session: Session, current: Round, batch_id: BatchId) -> bool:
    """Take back a batch that is only planned; False if its letters are on their way."""
    found = outbox.batch(session, batch_id)
    return found is not None and found.round == current.id and outbox.cancel(session, batch_id)


def write_invitations(session: Session, current: Round, coded: Iterable[InvitationCode], *, desk: MailContext) -> int:
    """Put a letter with its code into the outbox for each address; return how many."""
    languages = {one.address: one.language for one in contacts.contacts(session, current.id)}
    letters = [
        Letter(
            to=one.contact,
            language=languages.get(one.contact, desk.head.language),
            message_id=_invitation_id(code_digest(one.code, secret=desk.secret), desk),
            words={"code": one.code, "unit": current.unit(one.unit_id).name},
        )
        for one in coded
    ]
    if letters:
        batch_id = outbox.plan(session, LetterPurpose.INVITATION, round_id=current.id, due_on=None)
        _write(session, batch_id, letters, words=_of_round(session, current), desk=desk, until=current.closes_at)
    return len(letters)


def write_due(session: Session, *, desk: MailContext) -> int:
    """Write the letters of every planned batch whose time has come; safe to call again.

    Of several reminders that were missed while nothing ran only one is written.
    """
    count, reminded = 0, set[RoundId]()
    for batch in reversed(outbox.batches(session, state=BatchState.PLANNED)):
        current = rounds.find(session, batch.round) if batch.round is not None else None
        if current is None or not is_due(batch, current, now=desk.now, zone=desk.head.zone):
            continue
        missed = is_too_late(batch, current, now=desk.now) or current.id in reminded
        if batch.purpose is LetterPurpose.REMINDER:
            reminded.add(current.id)
        letters = [] if missed else _letters_of(session, batch, current, desk)
        words, until = _of_round(session, current), _useful_until(batch, current, desk)
        count += _write(session, batch.id, letters, words=words, desk=desk, until=until)
    return count


def is_thanking(session: Session, current: Round, *, now: datetime) -> bool:
    """Tell whether the count should wait a little, since addresses are erased by it and thanks are on their way."""
    waits = current.state is RoundState.CLOSED and now < current.closes_at + WAITS_FOR_THANKS
    return waits and any(
        one.purpose is LetterPurpose.THANKS and one.state is not BatchState.DONE for one in batches(session, current.id)
    )


def write_account_letter(session: Session, account: Account, code: str, *, until: datetime, desk: MailContext) -> None:
    """Put a letter with a one-time link into the outbox for somebody who is to sign in."""
    letter = _fresh(account.email, Language(account.language), {"code": code, "name": account.name}, desk)
    batch_id = outbox.plan(session, LetterPurpose.ACCOUNT, round_id=None, due_on=None)
    _write(session, batch_id, [letter], words={"until": until.isoformat()}, desk=desk, until=until)


def write_follow_ups(session: Session, due: Iterable[FollowUpLetter], *, desk: MailContext) -> int:
    """Put letters about communities into the outbox, one batch for all of them; return how many."""
    letters = [
        _fresh(
            one.account.email,
            Language(one.account.language),
            {"about": one.about, "what": one.what, "detail": one.detail, "path": one.path}
            | ({"until": one.until.isoformat()} if one.until else {}),
            desk,
        )
        for one in due
    ]
    if not letters:
        return 0
    batch_id = outbox.plan(session, LetterPurpose.FOLLOW_UP, round_id=None, due_on=None)
    return _write(session, batch_id, letters, words={}, desk=desk, until=desk.now + LASTS)


def _letters_of(session: Session, batch: MailBatch, current: Round, desk: MailContext) -> list[Letter]:
    if batch.purpose is LetterPurpose.RELEASED:
        return [
            _fresh(one.email, Language(one.language), {}, desk)
            for one in accounts.accounts(session)
            if one.may(Permission.READ_COMMUNITY) and one.has_password and not one.closed
        ]
    known = contacts.contacts(session, current.id)
    if batch.purpose is LetterPurpose.THANKS:
        invited = invitations.contacts(session, current.id)
        return [_fresh(one.address, one.language, {}, desk) for one in known if one.address in invited]
    languages = {one.address: one.language for one in known}
    unspent = invitations.unspent_mailed(session, current.id)
    return [
        _fresh(address, languages.get(address, desk.head.language), {}, desk, follows=_invitation_id(code, desk))
        for address, code in unspent.items()
    ]


def _fresh(to: str, language: Language, words: Mapping[str, str], desk: MailContext, *, follows: str = "") -> Letter:
    drawn = vault.draw_letter_id().hex()
    return Letter(to, language, message_id=f"<{drawn}@{_host(desk)}>", follows=follows, words=words)


def _invitation_id(code_digest: bytes, desk: MailContext) -> str:
    """Return the Message-ID of an invitation, which a reminder can name without knowing the code."""
    drawn = keyed_digest(desk.secret, "message", code_digest.hex())[:16].hex()
    return f"<{drawn}@{_host(desk)}>"


def _host(desk: MailContext) -> str:
    return desk.head.mail_from.rpartition("@")[2]


def _of_round(session: Session, current: Round) -> dict[str, str]:
    chosen = contacts.sender(session, current.id)
    return {
        "round": current.title,
        "until": current.closes_at.isoformat(),
        "sender_name": chosen.name,
        "reply_to": chosen.reply_to,
    }


def _useful_until(batch: MailBatch, current: Round, desk: MailContext) -> datetime:
    return current.closes_at if batch.purpose is LetterPurpose.REMINDER else desk.now + LASTS


def _write(
    session: Session,
    batch_id: BatchId,
    letters: Iterable[Letter],
    *,
    words: Mapping[str, str],
    desk: MailContext,
    until: datetime,
) -> int:
    sealed = [_sealed(one, desk) for one in letters]
    expires_at = max(until, desk.now + timedelta(minutes=1))
    written = outbox.write(session, batch_id, sealed, words=words, now=desk.now, expires_at=expires_at)
    return len(sealed) if written else 0


def _sealed(letter: Letter, desk: MailContext) -> SealedLetter:
    name = vault.draw_letter_id()
    content = json.dumps(asdict(letter) | {"chance": bounce_tags.draw_tag_nonce()}, ensure_ascii=False).encode()
    return SealedLetter(name, vault.seal(content, secret=desk.secret, name=name))
