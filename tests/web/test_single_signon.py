"""Single sign-on against a provider in a process of its own, honest and lying."""

import html
import logging
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from app import oidc
from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent
from app.services import accounts as service
from app.store import audit, identities
from app.store.database import database
from tests.identity_provider import CLIENT, SECRET
from tests.mailbox import free_port
from tests.web.page_checks import audit as faults_of
from tests.web.sso_client import (
    COMES_BACK_TO,
    at_provider,
    begin,
    clock,
    come_back,
    is_in,
    make,
    provider,
    running,
    service_app,
    sign_in,
    who,
)
from tests.web.staff_client import add_account, client_of

__all__ = ["clock", "make", "provider", "running", "service_app", "who"]


def test_whoever_was_invited_signs_in(service_app, who):
    client = service_app.test_client()
    assert "Sign in with Town ID" in client.get("/staff/sign-in").text
    assert sign_in(client).location == "/staff/"
    assert is_in(client)
    entry = next(one for one in audit.entries(database.session()) if one.event is AuditEvent.SIGNED_IN)
    assert (entry.account, entry.subject) == (who.id, f"account:{who.id} provider")
    assert "through single sign-on" in client.get("/staff/account/").text


def test_the_way_there_has_proof_key_state_and_nonce_and_they_are_new_each_time(service_app):
    first, second = (parse_qs(urlsplit(begin(service_app.test_client())).query) for _ in range(2))
    assert first["code_challenge_method"] == ["S256"]
    assert first["redirect_uri"] == [COMES_BACK_TO]
    for name in ("state", "nonce", "code_challenge"):
        assert len(first[name][0]) >= 40
        assert first[name] != second[name]


def test_the_provider_is_told_the_language_that_was_chosen_on_the_page(service_app):
    client = service_app.test_client()
    way = re.search(r'href="(/staff/provider/[^"]*)"', client.get("/staff/sign-in?lang=sv").text)[1]
    assert parse_qs(urlsplit(client.get(html.unescape(way)).location).query)["ui_locales"] == ["sv"]


def test_nobody_is_let_in_or_added_without_an_invitation(service_app):
    answer = sign_in(service_app.test_client())
    assert answer.status_code == 403
    assert "you have not been invited to this service" in answer.text
    assert service.accounts(database.session()) == ()


def test_a_closed_account_stays_closed(service_app, who):
    service.close(database.session(), who.id, by=None, now=datetime.now(UTC))
    assert "you have not been invited to this service" in sign_in(service_app.test_client()).text


LIES = {
    "another issuer": {"claims": {"iss": "https://evil.example"}},
    "no issuer": {"claims": {"iss": None}},
    "a token for another client": {"claims": {"aud": "another"}},
    "a token for another client that passes it on": {"claims": {"aud": "another", "azp": CLIENT}},
    "a token for another client too": {"claims": {"aud": ["another", CLIENT], "azp": "another"}},
    "no audience": {"claims": {"aud": None}},
    "another nonce": {"claims": {"nonce": "x" * 48}},
    "no nonce": {"claims": {"nonce": None}},
    "run out": {"claims": {"iat": 1_000_000_000, "exp": 1_000_000_300}},
    "no end": {"claims": {"exp": None}},
    "from the future": {"claims": {"iat": 4_000_000_000, "exp": 4_000_000_300}},
    "nobody": {"claims": {"sub": None}},
    "an empty name for the person": {"claims": {"sub": ""}},
    "signed by nobody": {"signed": "by nobody"},
    "signed by a stranger": {"signed": "by a stranger"},
    "signed by a stranger who brings the key": {"signed": "by a stranger who brings the key"},
    "signed with the public key": {"signed": "with the public key as a shared secret"},
    "signed with another method": {"signed": "with another method", "next_key": True},
    "signed with a key under another name": {"signed": "under the name of another key"},
    "signed with the key before": {"signed": "honestly", "next_key": True},
    "changed after signing": {"signed": "and changed afterwards"},
    "another issuer in the address": {"address": {"iss": "https://evil.example"}},
    "another state in the address": {"address": {"state": "x" * 48}},
    "a made-up code": {"address": {"code": "made up"}},
    "no code": {"address": {"code": ""}},
    "no token": {"token": {"access_token": "t", "token_type": "Bearer"}},
}


def test_neither_a_shared_secret_nor_nothing_counts_as_a_signature():
    assert not [one for one in oidc.ALGORITHMS if one == "none" or one.startswith("HS")]


@pytest.mark.parametrize("lie", LIES)
def test_what_was_tampered_with_lets_nobody_in(service_app, who, provider, lie):
    client = service_app.test_client()
    provider.lie(**LIES[lie])
    answer = sign_in(client)
    assert answer.status_code == 403, answer.text
    assert "could not be verified" in answer.text
    assert not faults_of(answer)
    assert not is_in(client)
    assert AuditEvent.SIGN_IN_FAILED in [one.event for one in audit.entries(database.session())]
    provider.lie()
    assert sign_in(client).status_code == 302


def test_an_answer_counts_once(service_app, who):
    client = service_app.test_client()
    back = at_provider(begin(client))
    assert come_back(client, back).location == "/staff/"
    assert come_back(client, back).status_code == 403


def test_a_code_that_was_used_is_worthless_even_to_a_browser_that_kept_its_cookie(service_app, who):
    client = service_app.test_client()
    back = at_provider(begin(client))
    kept = client.get_cookie("voimavara-form", path="/staff").value
    assert come_back(client, back).status_code == 302
    thief = service_app.test_client()
    thief.set_cookie("voimavara-form", kept, path="/staff")
    assert come_back(thief, back).status_code == 403


def test_what_a_browser_was_sent_with_is_forgotten_once_it_is_back(service_app, who, provider):
    client = service_app.test_client()
    back = at_provider(begin(client))
    provider.lie(token={"access_token": "t", "token_type": "Bearer"})
    assert come_back(client, back).status_code == 403
    with client.session_transaction("/staff/") as kept:
        assert not {"errand", "onward", "connected"} & kept.keys()


def test_an_answer_is_worthless_in_another_browser(service_app, who):
    back = at_provider(begin(service_app.test_client()))
    other = service_app.test_client()
    assert come_back(other, back).status_code == 403
    begin(other)
    assert come_back(other, back).status_code == 403


def test_an_answer_that_comes_too_late_is_worthless(service_app, who, clock, provider):
    client = service_app.test_client()
    back = at_provider(begin(client))
    clock.ahead = timedelta(minutes=11)
    later = int(clock().timestamp())
    provider.lie(claims={"iat": later, "exp": later + 300})  # the token itself is in its time
    assert come_back(client, back).status_code == 403


def test_the_persons_no_is_told_as_such(service_app, who, provider):
    provider.lie(address={"error": "access_denied"})
    answer = sign_in(service_app.test_client())
    assert (answer.status_code, "did not accept the sign-in" in answer.text) == (403, True)


def test_an_address_that_nobody_vouches_for_proves_nothing(service_app, who, provider):
    for verified in (False, "false", "no", 1, []):
        provider.lie(claims={"email_verified": verified})
        assert "has not confirmed your e-mail address" in sign_in(service_app.test_client()).text
    for other in ({"email_verified": None}, {"email": None}):
        provider.lie(claims=other)
        assert "another claim (OIDC_CLAIM)" in sign_in(service_app.test_client()).text


@pytest.mark.parametrize("word", ["true", "True"])
def test_an_address_that_is_vouched_for_in_a_word_is_accepted(service_app, who, provider, word):
    provider.lie(claims={"email_verified": word})
    assert sign_in(service_app.test_client()).status_code == 302


def test_an_account_belongs_to_the_person_and_not_to_the_address(service_app, who, provider):
    assert sign_in(service_app.test_client()).status_code == 302
    provider.lie(claims={"sub": "person-2"})
    assert "is connected with an earlier sign-in at your organisation" in sign_in(service_app.test_client()).text
    provider.lie(claims={"email": "moved@example.test"})
    assert sign_in(service_app.test_client()).status_code == 302


def test_a_new_invitation_lets_another_person_take_the_account(service_app, who, provider):
    sign_in(service_app.test_client())
    service.unlink_and_create_password_code(database.session(), who.id, now=datetime.now(UTC))
    provider.lie(claims={"sub": "person-2"})
    assert sign_in(service_app.test_client()).status_code == 302
    assert identities.find_account_id_of_identity(database.session(), provider.issuer, "person-2") == who.id


def test_single_sign_on_does_not_pass_the_second_step_by(service_app, who, monkeypatch):
    monkeypatch.setattr("app.store.second_factor.sealed_secret", lambda *_args, **_more: b"in use")
    client = service_app.test_client()
    assert sign_in(client).location.startswith("/staff/second-step")
    assert not is_in(client)
    assert client.get("/staff/provider/connect").location.startswith("/staff/sign-in?")


def test_another_claim_may_name_the_account(make, provider):
    chosen = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    app = make(oidc_claim="upn", **chosen)
    with app.app_context():
        added = add_account(Grant(Role.COORDINATOR), email="k@town.example")
        provider.lie(claims={"upn": "K@town.example", "email": None})
        assert sign_in(app.test_client()).status_code == 302
        assert identities.find_account_id_of_identity(database.session(), provider.issuer, "person-1") == added.id
        database.session.remove()
        database.engine.dispose()


@pytest.mark.parametrize(("acr", "status"), [("strong", 302), ("weak", 403), (None, 403)])
def test_a_wanted_strength_is_asked_for_and_checked(make, provider, acr, status):
    chosen = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    app = make(oidc_acr="strong", **chosen)
    with app.app_context():
        add_account(Grant(Role.COORDINATOR))
        provider.lie(claims={"acr": acr})
        client = app.test_client()
        there = begin(client)
        assert parse_qs(urlsplit(there).query)["acr_values"] == ["strong"]
        assert come_back(client, at_provider(there)).status_code == status
        database.session.remove()
        database.engine.dispose()


@pytest.mark.parametrize("moves", ["/token", "/jwks"])
def test_the_way_to_the_token_and_the_keys_is_followed_nowhere_else(service_app, who, provider, moves):
    """Code, proof and this client's secret would go along to wherever it leads."""
    provider.lie(moves=moves)
    assert sign_in(service_app.test_client()).status_code in (403, 502)
    provider.lie()
    assert sign_in(service_app.test_client()).status_code == 302


def test_new_keys_of_the_provider_count_at_once(service_app, who, provider):
    assert sign_in(service_app.test_client()).status_code == 302
    provider.lie(signed="with the next key", next_key=True)
    assert sign_in(service_app.test_client()).status_code == 302


MASKS = {
    "another issuer": {"metadata": {"issuer": "https://evil.example"}},
    "a page without encryption": {"metadata": {"authorization_endpoint": "http://evil.example/auth"}},
    "a token address without encryption": {"metadata": {"token_endpoint": "http://evil.example/token"}},
    "keys without encryption": {"metadata": {"jwks_uri": "http://evil.example/jwks"}},
    "no token address": {"metadata": {"token_endpoint": None}},
    "out of order": {"status": 500},
    "a redirect": {"status": 302},
    "moved elsewhere": {"moves": "/.well-known/openid-configuration"},
}


@pytest.mark.parametrize("mask", MASKS)
def test_a_provider_that_is_not_the_one_that_was_meant_is_a_clear_page(service_app, who, provider, mask):
    provider.lie(**MASKS[mask])
    answer = service_app.test_client().get("/staff/provider/")
    assert (answer.status_code, "is not responding properly" in answer.text) == (502, True)


def test_a_provider_without_encryption_is_not_even_asked(monkeypatch):
    """Whoever is on the way would name pages and keys of their own."""
    endpoints = dict.fromkeys(("authorization_endpoint", "token_endpoint", "jwks_uri"), "https://login.example/x")
    asked = []
    monkeypatch.setattr(oidc, "_fetch", lambda _session, url: asked.append(url) or {"issuer": issuer, **endpoints})
    for issuer in ("https://login.example", "http://login.example"):
        client = oidc.OidcClient(issuer, CLIENT, SECRET, COMES_BACK_TO)
        if issuer.startswith("https"):
            assert oidc.discover(client)["issuer"] == issuer
        else:
            with pytest.raises(oidc.ProviderUnavailable):
                oidc.discover(client)
    assert asked == ["https://login.example/.well-known/openid-configuration"]


def test_a_provider_that_is_away_is_a_clear_page_and_the_password_still_works(make):
    app = make(oidc_issuer=f"http://127.0.0.1:{free_port()}", oidc_client_id=CLIENT, oidc_client_secret=SECRET)
    with app.app_context():
        who = add_account(Grant(Role.COORDINATOR))
        service.set_password(database.session(), who.id, "a quiet forest path", by=None, now=datetime.now(UTC))
        client = app.test_client()
        answer = client.get("/staff/provider/")
        assert (answer.status_code, "Try again in a few minutes" in answer.text) == (502, True)
        app.config["WTF_CSRF_ENABLED"] = False
        signed = client.post("/staff/sign-in", data={"email": who.email, "password": "a quiet forest path"})
        assert signed.status_code == 302
        database.session.remove()
        database.engine.dispose()


def test_whoever_was_signed_in_to_the_browser_before_is_signed_out(service_app, who):
    other = add_account(Grant(Role.COORDINATOR), email="other@example.test")
    client = client_of(service_app, other)
    copied = service_app.test_client()
    copied.set_cookie("voimavara", f"word of {other.id}", path="/staff")
    assert is_in(copied)
    assert sign_in(client).status_code == 302
    assert (is_in(client), is_in(copied)) == (True, False)


def test_without_a_provider_there_is_no_button_and_no_way_in(app):
    client = app.test_client()
    assert "Sign in with" not in client.get("/staff/sign-in").text
    assert client.get("/staff/provider/").status_code == 404
    assert client.get(f"/staff/provider/back?{urlencode({'code': 'x', 'state': 'y'})}").status_code == 404


def test_another_site_cannot_begin_a_sign_in(service_app):
    assert begin(service_app.test_client(), headers={"Sec-Fetch-Site": "cross-site"}) == "/staff/sign-in"


def test_the_way_onward_stays_in_the_wing(service_app, who):
    client = service_app.test_client()
    there = client.get("/staff/provider/?next=//evil.example/").location
    assert come_back(client, at_provider(there)).location == "/staff/"


def test_neither_code_nor_claims_stand_in_the_log(service_app, who, provider, caplog):
    caplog.set_level(logging.DEBUG)
    provider.lie(claims={"nonce": "wrong-nonce"})
    client = service_app.test_client()
    back = at_provider(begin(client))
    come_back(client, back)
    own = [one.getMessage() for one in caplog.records if one.name.startswith("app")]
    assert own == ["Single sign-on: SignInNotVerified nonce"]
