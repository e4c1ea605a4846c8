import io
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent, AuditFilter
from app.core.mail import BatchState, MessagePurpose
from app.core.organisations import Community, CommunityKind, Municipality
from app.jobs.outbox_delivery import send_due_messages
from app.jobs.scheduler import TaskContext
from app.jobs.tasks import mail_context, queue_due_round_messages
from app.render.tabular_files import xlsx_bytes
from app.services import answering, contacts, rounds
from app.services import mail as mail_module
from app.store import audit as trail
from app.store import organisations, outbox
from app.store.database import database, read_session, write_session
from app.web.shared.app_context import AppContext
from tests import bounce_messages
from tests.conftest import NOON
from tests.mailbox import mailbox
from tests.services.factories import plan
from tests.web.page_checks import audit
from tests.web.staff_client import signed_in

LIST = (
    "community;email;group;language\n"
    "Järvelän koulu;Anna@kunta.example;teachers;fi\nc1;bo@kunta.example;;sv\nÄijälä;carla@kunta.example;teachers;en\n"
)
DAY = timedelta(days=1)


@pytest.fixture
def box(app):
    with mailbox() as (found, url):
        door = app.extensions["voimavara"]
        settings = replace(door.settings, smtp_url=url, base_url="https://kysely.example", contact="tuki@kunta.example")
        app.extensions["voimavara"] = AppContext(settings=settings, clock=door.clock, secret=door.secret)
        yield found


@pytest.fixture
def current(app):
    session = database.session()
    organisations.upsert(
        session,
        municipalities=[Municipality("m1", "Järvelä")],
        communities=[
            Community("c1", "Järvelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 12}),
            Community("c2", "Äijälä", "m1", CommunityKind.SCHOOL, {"teachers": 3}, joined_to="c1"),
            Community("c3", "Mäkelän koulu", "m1", CommunityKind.SCHOOL, {"teachers": 2}),
        ],
        region=("region", "Lakeland"),
    )
    number = plan(session, opens_at=NOON - DAY, closes_at=NOON + 10 * DAY)
    means = means_of(app)
    region = organisations.load_region(session)
    rounds.open_round(session, number, now=NOON, secret=means.secret, keys=means.settings.keys, region=region)
    session.commit()
    return rounds.get_round(session, number)


@pytest.fixture
def coordinator(app):
    return signed_in(app, Grant(Role.COORDINATOR))


def means_of(app, now=NOON):
    door = app.extensions["voimavara"]
    return TaskContext(settings=door.settings, secret=door.secret, now=now)


def hand_in(client, current, content=LIST, name="list.csv"):
    raw = content if isinstance(content, bytes) else content.encode()
    return client.post(f"/staff/rounds/{current.id}/contacts", data={"file": (io.BytesIO(raw), name)})


def import_list(client, current, content=LIST):
    return client.post(hand_in(client, current, content).location)


def faultless(answer, status=200):
    assert answer.status_code == status, answer.text[-1500:]
    assert not audit(answer, anonymous=False)
    return answer.text


def addresses(current):
    return [one.address for one in contacts.contacts(database.session(), current.id)]


def test_a_list_is_checked_then_confirmed(coordinator, current):
    checked = hand_in(coordinator, current)
    assert (checked.status_code, addresses(current)) == (302, [])
    assert "Järvelän koulu + Äijälä" in faultless(coordinator.get(checked.location))
    coordinator.post(checked.location)
    assert addresses(current) == ["anna@kunta.example", "bo@kunta.example", "carla@kunta.example"]
    entries = trail.entries(database.session(), AuditFilter(event=AuditEvent.CONTACTS_IMPORTED))
    assert [one.subject for one in entries] == [f"round:{current.id} addresses:3"]


def test_a_list_may_be_a_sheet_and_may_be_given_up(coordinator, current):
    sheet = xlsx_bytes([("contacts", [("community", "email"), ("Mäkelän koulu", "dan@kunta.example")])])
    checked = hand_in(coordinator, current, sheet, "list.xlsx")
    coordinator.post(checked.location, data={"give_up": "1"})
    assert addresses(current) == []
    coordinator.post(hand_in(coordinator, current, sheet, "list.xlsx").location)
    assert addresses(current) == ["dan@kunta.example"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("Järvelän koulu;anna@kunta;;", "Row 2, column email: “anna@kunta” is not an e-mail address"),
        ("Järvelän koulu;;;", "Row 2, column email: This is empty"),
        ("Kuusela;anna@kunta.example;;", "Row 2, column community: No community of this round is called “Kuusela”"),
        ("c1;anna@kunta.example;pilots;", "Row 2, column group: “pilots” is not known"),
        ("c1;anna@kunta.example;;de", "Row 2, column language: “de” is not known"),
        ("c1;a@kunta.example;;\nc3;A@kunta.example;;", "Row 3, column email: “a@kunta.example” appears twice"),
        (
            "c3;a@k.example;;\nc3;b@k.example;;\nc3;c@k.example;;",
            "Row 4, column community: E-mail invitations can be sent to only 2 more people of “Mäkelän koulu”",
        ),
    ],
)
def test_a_bad_row_is_told_with_its_place_and_nothing_is_stored(coordinator, current, row, told):
    answer = hand_in(coordinator, current, "community;email;group;language\n" + row)
    assert told in faultless(answer, 422)
    assert addresses(current) == []


def test_printed_slips_take_the_places_of_letters(app, coordinator, current):
    with write_session() as session:
        rounds.issue_slip_codes(session, current.id, "c3", secret=means_of(app).secret, now=NOON)
    answer = hand_in(coordinator, current, "community;email\nc3;dan@kunta.example")
    assert "only 0 more people of “Mäkelän koulu”" in faultless(answer, 422)


def test_invitations_go_out_after_asking_once_more(app, coordinator, current, box):
    import_list(coordinator, current)
    faultless(coordinator.get(f"/staff/rounds/{current.id}/letters"))
    page = faultless(coordinator.get(f"/staff/rounds/{current.id}/letters/invitations"))
    assert "anna@kunta.example" not in page
    coordinator.post(f"/staff/rounds/{current.id}/letters/sender", data={"name": "Sivistyspalvelut", "reply_to": ""})
    coordinator.post(f"/staff/rounds/{current.id}/letters/invitations")
    coordinator.post(f"/staff/rounds/{current.id}/letters/invitations")
    send_due_messages(means_of(app))
    assert box.times() == dict.fromkeys(addresses(current), 1)
    languages = {address: mail["Content-Language"] for address, mail in box.arrived}
    assert sorted(languages.values()) == ["en", "fi", "sv"]
    for _, mail in box.arrived:
        assert mail["From"] == "Sivistyspalvelut <voimavara@localhost>"
        text = mail.get_body(("plain",)).get_content()
        code = text.split("https://kysely.example/#")[1].split()[0]
        assert f"https://kysely.example/#{code}" in mail.get_body(("html",)).get_content()
        with read_session() as session:
            assert answering.resolve_code(session, code, secret=means_of(app).secret, now=NOON).unit_id == "c1"
    assert "Sent" in faultless(coordinator.get(f"/staff/rounds/{current.id}/letters"))


def test_a_reminder_goes_on_its_day_to_those_whose_code_is_unused(app, coordinator, current, box):
    import_list(coordinator, current)
    coordinator.post(f"/staff/rounds/{current.id}/letters/invitations")
    send_due_messages(means_of(app))
    messages = {address: mail for address, mail in box.arrived}
    code = messages["bo@kunta.example"].get_body(("plain",)).get_content().split("/#")[1].split()[0]
    with write_session() as session:
        ratings = {f"q{n}": 1 for n in range(6)}
        answering.submit(
            session, code, ratings=ratings, group=None, comment=None, secret=means_of(app).secret, now=NOON
        )
    day = date(2026, 11, 27)
    answer = coordinator.post(f"/staff/rounds/{current.id}/letters/reminders", data={"day": day.isoformat()})
    assert answer.status_code == 302
    box.arrived.clear()
    for hours in (0, 48, 67, 69, 72, 96):  # the morning of the third day is passed
        means = means_of(app, NOON + timedelta(hours=hours))
        with write_session() as session:
            queue_due_round_messages(session, means)
        send_due_messages(means)
    assert box.times() == {"anna@kunta.example": 1, "carla@kunta.example": 1}
    for address, mail in box.arrived:
        assert mail["In-Reply-To"] == messages[address]["Message-ID"]
        assert "/#" not in mail.as_string()
    page = faultless(coordinator.get(f"/staff/rounds/{current.id}/letters"))
    assert "fewer than ten" in page


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-11-20", "has passed"),
        ("2026-12-20", "Choose a day in that period"),
        ("2026-11-28", "working days only"),
        ("", "Choose a day"),
    ],
)
def test_a_reminder_on_a_day_that_will_not_do_is_refused(coordinator, current, day, told):
    answer = coordinator.post(f"/staff/rounds/{current.id}/letters/reminders", data={"day": day})
    assert told in faultless(answer, 422)


def test_two_reminders_that_were_missed_become_one(app, coordinator, current, box):
    import_list(coordinator, current)
    coordinator.post(f"/staff/rounds/{current.id}/letters/invitations")
    send_due_messages(means_of(app))
    box.arrived.clear()
    for day in ("2026-11-25", "2026-11-27"):
        coordinator.post(f"/staff/rounds/{current.id}/letters/reminders", data={"day": day})
    for hours in (96, 97):
        means = means_of(app, NOON + timedelta(hours=hours))
        with write_session() as session:
            queue_due_round_messages(session, means)
        send_due_messages(means)
    assert set(box.times().values()) == {1}
    with read_session() as session:
        done = [one for one in mail_module.batches(session, current.id) if one.purpose is MessagePurpose.REMINDER]
    assert [one.state for one in done] == [BatchState.DONE] * 2


def test_a_planned_letter_can_be_cancelled_and_a_second_of_the_kind_is_refused(coordinator, current):
    for _ in range(2):
        coordinator.post(f"/staff/rounds/{current.id}/letters/once/thanks")
    with read_session() as session:
        (only,) = mail_module.batches(session, current.id)
    faultless(coordinator.get(f"/staff/rounds/{current.id}/letters"))
    coordinator.post(f"/staff/rounds/{current.id}/letters/{only.id}/cancel")
    with read_session() as session:
        assert mail_module.batches(session, current.id) == ()


def test_the_page_tells_how_many_letters_came_back_and_of_reminders_not_exactly(app, coordinator, current, box):
    import_list(coordinator, current)
    coordinator.post(f"/staff/rounds/{current.id}/letters/invitations")
    send_due_messages(means_of(app))
    day = NOON + DAY
    coordinator.post(f"/staff/rounds/{current.id}/letters/reminders", data={"day": day.date().isoformat()})
    with write_session() as session:
        queue_due_round_messages(session, means_of(app, day))
    send_due_messages(means_of(app, day))
    invitations = box.arrived[:3]
    reminders = box.arrived[3:]
    back = {address for address, _ in invitations[:2]}
    for address, message in [*invitations[:2], *(one for one in reminders if one[0] not in back)]:
        report = bounce_messages.from_postfix(message.as_bytes(), address=address)
        app.test_cli_runner().invoke(args=["mail", "bounces", "-"], input=report)
    page = faultless(coordinator.get(f"/staff/rounds/{current.id}/letters"))
    assert numbers_of("Invitations", page) == ["3", "0", "0", "2"]
    assert numbers_of("Reminder", page) == ["fewer than ten", "0", "0", "fewer than ten"]
    assert {address for address in addresses(current) if address in page} == back


def numbers_of(name, page):
    """What the page's table says of the messages of a name: sent, waiting, refused, came back."""
    return re.findall(r'<td class="number">(.*?)</td>', page.partition(f'<th scope="row">{name}</th>')[2])[:4]


def test_thanks_go_to_all_when_the_round_has_closed_and_the_count_waits_for_them(app, coordinator, current, box):
    import_list(coordinator, current)
    coordinator.post(f"/staff/rounds/{current.id}/letters/invitations")
    send_due_messages(means_of(app))
    box.arrived.clear()
    coordinator.post(f"/staff/rounds/{current.id}/letters/once/thanks")
    with write_session() as session:
        closed = rounds.close(session, current.id, now=NOON + DAY)
        assert mail_module.must_delay_count_for_thanks(session, closed, now=NOON + DAY)
        assert not mail_module.must_delay_count_for_thanks(session, closed, now=NOON + DAY + timedelta(hours=7))
        mail_module.write_messages_of_due_batches(session, context=mail_context(means_of(app, NOON + DAY)))
    warning = "thank-you messages are still on their way"
    assert warning in faultless(coordinator.get(f"/staff/rounds/{current.id}/count"))
    send_due_messages(means_of(app, NOON + DAY))
    assert warning not in faultless(coordinator.get(f"/staff/rounds/{current.id}/count"))
    assert box.times() == dict.fromkeys(addresses(current), 1)
    with read_session() as session:
        assert not mail_module.must_delay_count_for_thanks(session, closed, now=NOON + DAY)


def test_without_a_mail_server_the_page_says_so_and_nothing_is_sent(coordinator, current):
    import_list(coordinator, current)
    assert "No mail server has been set up" in faultless(coordinator.get(f"/staff/rounds/{current.id}/letters"))
    faultless(coordinator.post(f"/staff/rounds/{current.id}/letters/invitations"))
    with read_session() as session:
        assert outbox.mail_batches(session) == ()


def test_only_whoever_may_issue_codes_everywhere_sees_the_letters(app, current):
    principal = signed_in(app, Grant(Role.PRINCIPAL, "m1", "c1"), email="p@kunta.example")
    local = signed_in(app, Grant(Role.COORDINATOR, "m1"), email="l@kunta.example")
    for client in (principal, local):
        for path in ("letters", "letters/invitations", "contacts"):
            assert client.get(f"/staff/rounds/{current.id}/{path}").status_code == 403


def refused(app, coordinator, current, box, *people):
    """Invite everybody of the list; the mail server knows some of them not."""
    import_list(coordinator, current)
    box.answers = {person: ["550 5.1.1 unknown"] for person in people}
    coordinator.post(f"/staff/rounds/{current.id}/letters/invitations")
    send_due_messages(means_of(app))


def test_addresses_that_no_invitation_reached_are_named_and_may_be_invited_again(app, coordinator, current, box):
    refused(app, coordinator, current, box, "anna@kunta.example")
    page = faultless(coordinator.get(f"/staff/rounds/{current.id}/letters"))
    assert "Invitations that did not arrive" in page
    assert [one for one in addresses(current) if one in page] == ["anna@kunta.example"]
    assert "Send invitations" not in page
    coordinator.post(f"/staff/rounds/{current.id}/letters/undelivered/retry")
    assert "Send invitations" in faultless(coordinator.get(f"/staff/rounds/{current.id}/letters"))
    coordinator.post(f"/staff/rounds/{current.id}/letters/invitations")
    send_due_messages(means_of(app, NOON + DAY))
    assert box.times() == dict.fromkeys(addresses(current), 1)


def test_a_wrong_address_is_corrected_by_a_list_and_deleted(app, coordinator, current, box):
    refused(app, coordinator, current, box, "anna@kunta.example")
    import_list(coordinator, current, LIST.replace("Anna@", "anne@"))
    coordinator.post(f"/staff/rounds/{current.id}/letters/invitations")
    send_due_messages(means_of(app, NOON + DAY))
    assert box.times() == dict.fromkeys(["anne@kunta.example", "bo@kunta.example", "carla@kunta.example"], 1)
    coordinator.post(f"/staff/rounds/{current.id}/letters/undelivered/delete")
    assert addresses(current) == ["anne@kunta.example", "bo@kunta.example", "carla@kunta.example"]
    assert "did not arrive" not in faultless(coordinator.get(f"/staff/rounds/{current.id}/letters"))


def test_where_no_place_is_free_the_page_says_so(app, coordinator, current, box):
    refused(app, coordinator, current, box, "anna@kunta.example")
    with write_session() as session:
        rounds.issue_slip_codes(session, current.id, "c1", secret=means_of(app).secret, now=NOON)
    answer = coordinator.post(f"/staff/rounds/{current.id}/letters/undelivered/retry", follow_redirects=True)
    assert "No place is free" in answer.text


def test_the_page_says_that_the_server_takes_nothing_and_letters_may_be_given_up(app, coordinator, current, box):
    import_list(coordinator, current)
    box.sender_answer = "554 5.7.1 Relay access denied"
    coordinator.post(f"/staff/rounds/{current.id}/letters/invitations")
    send_due_messages(means_of(app))
    page = faultless(coordinator.get(f"/staff/rounds/{current.id}/letters"))
    assert "The mail server accepts no messages from this sender." in page
    assert "554 5.7.1" in page
    (batch,) = mail_module.batches(database.session(), current.id)
    coordinator.post(f"/staff/rounds/{current.id}/letters/{batch.id}/give-up")
    page = faultless(coordinator.get(f"/staff/rounds/{current.id}/letters"))
    assert "accepts no messages" not in page
    assert [one for one in addresses(current) if one in page] == addresses(current)
    again = coordinator.post(f"/staff/rounds/{current.id}/letters/{batch.id}/give-up", follow_redirects=True)
    assert "These messages are no longer waiting for the mail server" in again.text
