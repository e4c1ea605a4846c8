"""Somebody who is signed in, for tests of the staff wing."""

from flask import session as form_session
from flask_wtf.csrf import generate_csrf

from app.core.accounts import Account, AccountId, DeviceKind, Grant, LoginSession, SignInMethod
from app.store import accounts, login_sessions
from app.store.database import database
from app.vault.tokens import digest_token
from app.web.shared.app_context import now

FORM_GUARD = "0f" * 20


def add_account(*grants: Grant, email="kim@example.test", name="Kim Demo", language="en") -> Account:
    """Add an account with these grants."""
    session = database.session()
    added = accounts.add(session, email=email, name=name, language=language, grants=grants, now=now())
    session.commit()
    found = accounts.find_account(session, AccountId(added))
    assert found is not None
    return found


def client_of(app, who: Account):
    """Return a client in which `who` is signed in; its posts bear the form guard as a header."""
    word = f"word of {who.id}"
    visit = LoginSession("", who.id, DeviceKind.COMPUTER, SignInMethod.PASSWORD, began_at=now(), seen_at=now())
    login_sessions.add_session(database.session(), digest_token(word), visit)
    database.session().commit()
    client = app.test_client()
    client.set_cookie("voimavara", word, path="/staff")
    with client.session_transaction("/staff/") as kept:
        kept["csrf_token"] = FORM_GUARD
    with app.test_request_context("/staff/"):
        form_session["csrf_token"] = FORM_GUARD
        client.environ_base["HTTP_X_CSRFTOKEN"] = generate_csrf()
    return client


def signed_in(app, *grants: Grant, **who):
    """Return a client in which a new account with these grants is signed in."""
    return client_of(app, add_account(*grants, **who))
