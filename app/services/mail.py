"""Compose e-mails and put them into the outbox: invitations, reminders, thanks, results, accounts."""

import json
from collections.abc import Iterable, Mapping, Sequence
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
    MailBatch,
    MailBatchNotAllowed,
    MailedCode,
    MessagePurpose,
    MessageToRecipient,
    SenderIdentity,
    is_batch_due,
    is_batch_too_late,
    require_reminder_day,
)
from app.core.organisations import sort_ids_by_name
from app.core.rounds import Round, RoundId, RoundState
from app.render.mail_messages import SenderDetails
from app.store import accounts, contacts, invitations, organisations, outbox, rounds
from app.store.outbox import QueuedMessage
from app.vault import bounce_tags
from app.vault import sealed_messages as vault
from app.vault.codes import code_digest
from app.vault.tokens import keyed_digest


@dataclass(frozen=True, slots=True)
class MailContext:
    """What is needed to write messages: the sender, the installation's secret, and the current time."""

    head: SenderDetails
    secret: bytes
    now: datetime


@dataclass(frozen=True, slots=True)
class CommunityMessage:
    """A message about a community to somebody who signs in; its subject is `about`, then `what`."""

    account: Account
    about: str
    what: str
    detail: str
    until: datetime | None = None
    path: str = "/staff/"


def sender_of_round(session: Session, round_id: RoundId) -> SenderIdentity:
    """Return in whose name the messages of a round go out."""
    return contacts.sender(session, round_id)


def set_sender(session: Session, round_id: RoundId, sender_identity: SenderIdentity) -> None:
    """Choose in whose name the messages of a round go out."""
    contacts.set_sender(session, round_id, sender_identity)


def batches(session: Session, round_id: RoundId) -> tuple[MailBatch, ...]:
    """Return the batches of a round, the planned ones included."""
    return outbox.mail_batches(session, round_id=round_id)


def uninvited_addresses_by_unit(session: Session, round_id: RoundId) -> dict[str, tuple[str, ...]]:
    """Return by unit the addresses that have no code yet; not those whose invitation did not arrive."""
    invited = invitations.units_by_mailed_address(session, round_id)
    result: dict[str, list[str]] = {}
    for contact in contacts.contacts(session, round_id):
        if contact.address not in invited and not contact.undeliverable:
            result.setdefault(contact.unit, []).append(contact.address)
    return _in_order_of_units(session, round_id, result)


def undeliverable_addresses_by_unit(session: Session, round_id: RoundId) -> dict[str, tuple[str, ...]]:
    """Return by unit the addresses whose invitation could not be delivered; their codes were withdrawn."""
    result: dict[str, list[str]] = {}
    for contact in contacts.contacts(session, round_id):
        if contact.undeliverable:
            result.setdefault(contact.unit, []).append(contact.address)
    return _in_order_of_units(session, round_id, result)


def _in_order_of_units(
    session: Session, round_id: RoundId, addresses: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return addresses by unit in the order of the names of the units."""
    found_round = rounds.find_round(session, round_id)
    region = (found_round and found_round.boundaries) or organisations.load_region(session)
    names = {unit.id: unit.name for unit in region.units}
    return {unit: tuple(addresses[unit]) for unit in sort_ids_by_name(addresses, names)}


def plan_reminder(session: Session, round_: Round, day: date, *, context: MailContext) -> BatchId:
    """Plan one batch of reminders for the morning of a day; MailBatchNotAllowed if the day is not allowed."""
    require_reminder_day(round_, day, now=context.now, zone=context.head.zone)
    if day in {batch.due_on for batch in batches(session, round_.id) if batch.purpose is MessagePurpose.REMINDER}:
        raise MailBatchNotAllowed("day_taken")
    return outbox.add_planned_batch(session, MessagePurpose.REMINDER, round_id=round_.id, due_on=day)


def plan_thanks_or_results_news(session: Session, round_: Round, purpose: MessagePurpose) -> BatchId:
    """Plan thanks to all or the news that results are ready; MailBatchNotAllowed if that is planned already."""
    if purpose in {batch.purpose for batch in batches(session, round_.id)}:
        raise MailBatchNotAllowed("planned_already")
    return outbox.add_planned_batch(session, purpose, round_id=round_.id, due_on=None)


def cancel_planned_batch(session: Session, round_: Round, batch_id: BatchId) -> bool:
    """Take back a batch that is only planned; False if its messages are on their way."""
    batch = outbox.find_batch(session, batch_id)
    return batch is not None and batch.round == round_.id and outbox.delete_planned_batch(session, batch_id)


def write_invitations(session: Session, round_: Round, codes: Iterable[MailedCode], *, context: MailContext) -> int:
    """Put a message with its code into the outbox for each address; return how many."""
    languages = {contact.address: contact.language for contact in contacts.contacts(session, round_.id)}
    messages = [
        MessageToRecipient(
            to=mailed_code.contact,
            language=languages.get(mailed_code.contact, context.head.language),
            message_id=_invitation_id(code_digest(mailed_code.code, secret=context.secret), context),
            words={"code": mailed_code.code, "unit": round_.get_unit(mailed_code.unit_id).name},
        )
        for mailed_code in codes
    ]
    if messages:
        batch_id = outbox.add_planned_batch(session, MessagePurpose.INVITATION, round_id=round_.id, due_on=None)
        _write(session, batch_id, messages, words=_of_round(session, round_), context=context, until=round_.closes_at)
    return len(messages)


def write_messages_of_due_batches(session: Session, *, context: MailContext) -> int:
    """Write the messages of every planned batch whose time has come; safe to call again.

    Of several reminders that were missed while nothing ran only one is written.
    """
    count = 0
    reminded = set[RoundId]()
    for batch in reversed(outbox.mail_batches(session, state=BatchState.PLANNED)):
        round_ = rounds.find_round(session, batch.round) if batch.round is not None else None
        if round_ is None or not is_batch_due(batch, round_, now=context.now, zone=context.head.zone):
            continue
        missed = is_batch_too_late(batch, round_, now=context.now) or round_.id in reminded
        if batch.purpose is MessagePurpose.REMINDER:
            reminded.add(round_.id)
        messages = [] if missed else _messages_of(session, batch, round_, context)
        words = _of_round(session, round_)
        until = _useful_until(batch, round_, context)
        count += _write(session, batch.id, messages, words=words, context=context, until=until)
    return count


def must_delay_count_for_thanks(session: Session, round_: Round, *, now: datetime) -> bool:
    """Tell whether the count should be delayed: it erases addresses, and thanks are still being sent to them."""
    waits = round_.state is RoundState.CLOSED and now < round_.closes_at + WAITS_FOR_THANKS
    return waits and any(
        batch.purpose is MessagePurpose.THANKS and batch.state is not BatchState.DONE
        for batch in batches(session, round_.id)
    )


def queue_account_message(
    session: Session, account: Account, code: str, *, until: datetime, context: MailContext
) -> None:
    """Put a message with a one-time link into the outbox for somebody who is to sign in."""
    message = _fresh(account.email, Language(account.language), {"code": code, "name": account.name}, context)
    batch_id = outbox.add_planned_batch(session, MessagePurpose.ACCOUNT, round_id=None, due_on=None)
    _write(session, batch_id, [message], words={"until": until.isoformat()}, context=context, until=until)


def queue_community_messages(session: Session, due: Iterable[CommunityMessage], *, context: MailContext) -> int:
    """Put messages about communities into the outbox, one batch for all of them; return how many."""
    messages = [
        _fresh(
            follow_up.account.email,
            Language(follow_up.account.language),
            {
                "about": follow_up.about,
                "what": follow_up.what,
                "detail": follow_up.detail,
                "path": follow_up.path,
            }
            | ({"until": follow_up.until.isoformat()} if follow_up.until else {}),
            context,
        )
        for follow_up in due
    ]
    if not messages:
        return 0
    batch_id = outbox.add_planned_batch(session, MessagePurpose.FOLLOW_UP, round_id=None, due_on=None)
    return _write(session, batch_id, messages, words={}, context=context, until=context.now + LASTS)


def _messages_of(session: Session, batch: MailBatch, round_: Round, context: MailContext) -> list[MessageToRecipient]:
    if batch.purpose is MessagePurpose.RELEASED:
        return [
            _fresh(account.email, Language(account.language), {}, context)
            for account in accounts.accounts(session)
            if account.may(Permission.READ_COMMUNITY) and account.has_password and not account.closed
        ]
    known = contacts.contacts(session, round_.id)
    if batch.purpose is MessagePurpose.THANKS:
        invited = invitations.units_by_mailed_address(session, round_.id)
        return [
            _fresh(contact.address, contact.language, {}, context) for contact in known if contact.address in invited
        ]
    languages = {contact.address: contact.language for contact in known}
    unspent = invitations.unspent_digests_by_address(session, round_.id)
    return [
        _fresh(
            address, languages.get(address, context.head.language), {}, context, follows=_invitation_id(code, context)
        )
        for address, code in unspent.items()
    ]


def _fresh(
    to: str, language: Language, words: Mapping[str, str], context: MailContext, *, follows: str = ""
) -> MessageToRecipient:
    drawn = vault.draw_message_id().hex()
    return MessageToRecipient(to, language, message_id=f"<{drawn}@{_host(context)}>", follows=follows, words=words)


def _invitation_id(code_digest: bytes, context: MailContext) -> str:
    """Return the Message-ID of an invitation, which a reminder can name without knowing the code."""
    drawn = keyed_digest(context.secret, "message", code_digest.hex())[:16].hex()
    return f"<{drawn}@{_host(context)}>"


def _host(context: MailContext) -> str:
    return context.head.mail_from.rpartition("@")[2]


def _of_round(session: Session, round_: Round) -> dict[str, str]:
    sender_identity = contacts.sender(session, round_.id)
    return {
        "round": round_.title,
        **{f"round_{language.value}": title for language, title in _titles(round_)},
        "until": round_.closes_at.isoformat(),
        "sender_name": sender_identity.name,
        "reply_to": sender_identity.reply_to,
    }


def _titles(round_: Round) -> list[tuple[Language, str]]:
    translations = round_.title_translations
    return (
        []
        if translations is None
        else [(each, translations.in_language(each)) for each in translations.written_languages]
    )


def _useful_until(batch: MailBatch, round_: Round, context: MailContext) -> datetime:
    return round_.closes_at if batch.purpose is MessagePurpose.REMINDER else context.now + LASTS


def _write(
    session: Session,
    batch_id: BatchId,
    messages: Iterable[MessageToRecipient],
    *,
    words: Mapping[str, str],
    context: MailContext,
    until: datetime,
) -> int:
    sealed = [_sealed(message, context) for message in messages]
    expires_at = max(until, context.now + timedelta(minutes=1))
    written = outbox.start_batch_with_messages(
        session, batch_id, sealed, words=words, now=context.now, expires_at=expires_at
    )
    return len(sealed) if written else 0


def _sealed(message: MessageToRecipient, context: MailContext) -> QueuedMessage:
    message_id = vault.draw_message_id()
    content = json.dumps(asdict(message) | {"chance": bounce_tags.draw_tag_nonce()}, ensure_ascii=False).encode()
    return QueuedMessage(message_id, vault.seal_message(content, secret=context.secret, message_id=message_id))
