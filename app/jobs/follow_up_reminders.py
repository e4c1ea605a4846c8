"""E-mails that remind principals of the next follow-up step: once when due soon, once when late."""

from datetime import UTC, datetime, time

from app.core.accounts import Account, Permission
from app.core.followup import FollowUpStep
from app.core.languages import Language, TranslatedText
from app.services import accounts, followup
from app.services.followup import Reminder, ReminderKind
from app.services.mail import CommunityMessage
from app.store.database import Session

NOON = time(12, 0)
STEP_TEXTS = {
    FollowUpStep.PREVIEWED: TranslatedText(
        fi="Lue työyhteisösi tulokset ja avaa ne henkilöstölle.",
        sv="Läs arbetsgemenskapens resultat och öppna dem för personalen.",
        en="Read your community’s results and open them to the staff.",
    ),
    FollowUpStep.DISCUSSED: TranslatedText(
        fi="Käy tulokset läpi henkilöstön kanssa ja kirjaa, mitä valittiin.",
        sv="Gå igenom resultaten med personalen och anteckna vad som valdes.",
        en="Discuss the results with the staff and record what was chosen.",
    ),
    FollowUpStep.PLAN_AGREED: TranslatedText(
        fi="Sopikaa suunnitelmasta: mikä muuttuu, kuka siitä vastaa ja mikä on ensimmäinen askel.",
        sv="Kom överens om en plan: vad som ändras, vem som ansvarar och vilket det första steget är.",
        en="Agree on a plan: what changes, who is responsible and what the first step is.",
    ),
    FollowUpStep.IN_PROGRESS: TranslatedText(
        fi="Ottakaa ensimmäinen näkyvä askel ja merkitse toimenpide aloitetuksi.",
        sv="Ta det första synliga steget och markera åtgärden som påbörjad.",
        en="Take the first visible step and mark the action as started.",
    ),
    FollowUpStep.EFFECT_REVIEWED: TranslatedText(
        fi="Katso uuden kyselyn tuloksista, mitä sovituilla toimenpiteillä saatiin aikaan.",
        sv="Se i den nya enkätens resultat vad de överenskomna åtgärderna ledde till.",
        en="See in the results of the new survey what the agreed actions achieved.",
    ),
}
ABOUT = TranslatedText(fi="Muistutus", sv="Påminnelse", en="Reminder")
LATE = TranslatedText(fi="Määräpäivä on mennyt.", sv="Tidsfristen har gått ut.", en="The due date has passed.")


def claim_due_reminders(session: Session, *, now: datetime) -> list[CommunityMessage]:
    """Record the reminders that are due and return their messages; recorded ones are never returned again.

    Coordinators see pulse surveys in their overview: no message is written for them.
    """
    active_accounts = [account for account in accounts.accounts(session) if account.has_password and not account.closed]
    messages = []
    for reminder in followup.due_reminders(session, now=now):
        readers = [person for person in active_accounts if _is_for(person, reminder)]
        if reminder.step in STEP_TEXTS and readers and followup.record_reminder(session, reminder, now=now):
            messages += [_message_about(reader, reminder) for reader in readers]
    return messages


def _is_for(account: Account, reminder: Reminder) -> bool:
    return reminder.permission is Permission.EDIT_PLAN and any(
        account.may(reminder.permission, municipality=reminder.municipality, community=community)
        for community in reminder.communities
    )


def _message_about(account: Account, reminder: Reminder) -> CommunityMessage:
    language = Language(account.language)
    late = reminder.kind is ReminderKind.LATE
    task = STEP_TEXTS[reminder.step].in_language(language)
    return CommunityMessage(
        account=account,
        about=ABOUT.in_language(language),
        what=reminder.unit_name,
        detail=f"{task} {LATE.in_language(language)}" if late else task,
        until=None if late else datetime.combine(reminder.due, NOON, UTC),
        path=f"/staff/followup/{reminder.round}/{reminder.unit}",
    )
