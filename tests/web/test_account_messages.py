import pytest

from app.core.accounts import Grant, Role
from app.jobs.outbox_delivery import send_due_messages
from app.services import accounts
from app.store.database import database
from tests.mailbox import mailbox
from tests.web.page_checks import audit
from tests.web.staff_client import signed_in
from tests.web.test_messages_pages import box, means_of

__all__ = ["box", "mailbox"]
PERSON = {
    "name": "Alex Esimerkki", "email": "alex@kunta.example", "language": "fi", "role": "coordinator", "place": "region"
}  # fmt: skip


@pytest.fixture
def administrator(app):
    return signed_in(app, Grant(Role.ADMINISTRATOR))


def code_in(mail):
    return mail.get_body(("plain",)).get_content().split("/staff/password#")[1].split()[0]


def test_an_added_person_gets_a_letter_whose_link_sets_the_password_once(app, administrator, box):
    added = administrator.post("/staff/people/add", data=PERSON)
    assert added.status_code == 302
    page = administrator.get(added.location)
    assert not audit(page, anonymous=False)
    send_due_messages(means_of(app))
    ((address, mail),) = box.arrived
    assert (address, mail["Subject"]) == ("alex@kunta.example", "Tunnuksesi palveluun Voimavara")
    code = code_in(mail)
    assert code not in page.text
    visitor = app.test_client()
    chosen = {"code": code, "password": "a sentence of my own"}
    app.config["WTF_CSRF_ENABLED"] = False
    assert visitor.post("/staff/password", data=chosen).location == "/staff/sign-in"
    assert visitor.post("/staff/password", data=chosen).status_code == 422
    assert accounts.find_account_by_email(database.session(), "alex@kunta.example").has_password


def test_a_new_link_ends_the_one_before(app, administrator, box):
    place = administrator.post("/staff/people/add", data=PERSON).location
    administrator.post(f"{place}/invite/letter")
    send_due_messages(means_of(app))
    first, second = (code_in(mail) for _, mail in box.arrived)
    assert first != second
    spent = []
    for code in (first, second):
        try:
            accounts.set_password_with_code(database.session(), code, "a sentence of my own", now=means_of(app).now)
        except accounts.AccountError:
            spent.append(code)
    assert len(spent) == 1


def test_without_a_mail_server_the_code_is_shown_as_before(administrator):
    assert "One-time code for" in administrator.post("/staff/people/add", data=PERSON).text
    assert administrator.post("/staff/people/2/invite/letter").status_code == 409
