"""Entra ID, Google, Keycloak and MPASSid as they answer, with the settings that the handbook gives."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.cli.doctor.findings import Severity
from app.cli.doctor.sign_in import check_second_step_and_sso
from app.config import ROOT, load_settings
from app.core.accounts import Grant, Role
from app.core.audit import AuditEvent
from app.services.accounts import unlink_and_create_password_code
from app.store import audit as trail
from app.store import identities
from app.store.database import database
from tests.identity_provider import CLIENT, SECRET
from tests.web.page_checks import audit
from tests.web.sso_client import (
    at_provider,
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
from tests.web.staff_client import add_account, client_of, signed_in

__all__ = ["clock", "make", "provider", "running", "service_app", "who"]

TENANT = "/11112222-3333-4444-5555-666677778888/v2.0"
MICROSOFT = ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "email"]
ENCRYPTING = {"kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "enc-1", "n": "AQAB", "e": "AQAB"}
ODD_KEYS = [
    ENCRYPTING,
    {"kty": "OKP", "crv": "Ed448", "kid": "okp", "x": "AAAA"},
    {"kty": "AKP", "alg": "ML-DSA-44", "kid": "pq", "pub": "AAAA"},
    {"kty": "RSA", "kid": "chain", "x5c": ["MIIB"]},
    {"kty": "oct", "kid": "shared", "k": "AAAA"},
    {"kid": "no kind"},
    "no object",
]
# What each answers beside what all do: its address, what it tells of itself, of a person, and in its list of keys.
PROVIDERS = {
    "Entra ID": {
        "path": TENANT,
        "metadata": {"claims_supported": MICROSOFT, "token_endpoint_auth_methods_supported": ["client_secret_post"]},
        "claims": {"email": None, "email_verified": None, "preferred_username": "Kim@example.test", "ver": "2.0"},
        "own_key": {"alg": None, "x5t": "x"},
    },
    "Google": {
        "metadata": {
            "claims_supported": ["aud", "email", "email_verified", "exp", "iat", "iss", "name", "sub"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        },
        "claims": {"hd": "example.test"},
    },
    "Keycloak": {
        "path": "/realms/town",
        "metadata": {"claims_supported": ["sub", "iss", "auth_time", "name", "preferred_username", "email", "acr"]},
        "claims": {"typ": "ID", "preferred_username": "kim", "acr": "1"},
        "keys": [ENCRYPTING],
    },
    "MPASSid": {
        "metadata": {"claims_supported": ["sub", "given_name", "family_name", "urn:mpass.id:uid"]},
        "claims": {"email": None, "email_verified": None, "urn:mpass.id:uid": "f0ba7691", "given_name": "Kim"},
        "signed": "without the name of the key",
    },
}


def handbook_settings(name, language):
    """What the handbook says to write into the settings for a provider."""
    text = (ROOT / "docs" / f"handbook.{language}.md").read_text(encoding="utf-8")
    block = re.search(rf"^\s*# {re.escape(name)}\n(.*?)\n\s*\n", text, re.MULTILINE | re.DOTALL)[1]
    return dict(re.findall(r'^\s*(OIDC_\w+) = "(.*?)"', block, re.MULTILINE))


@pytest.mark.parametrize("language", ["fi", "en"])
@pytest.mark.parametrize("name", PROVIDERS)
def test_the_settings_of_the_handbook_connect_each_provider(make, provider, name, language):
    written = handbook_settings(name, language)
    assert {"OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"} <= written.keys()
    provider.lie(**PROVIDERS[name])
    app = make(
        oidc_issuer=provider.issuer + PROVIDERS[name].get("path", ""),
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
        oidc_claim=written.get("OIDC_CLAIM", "email"),
        oidc_name=written.get("OIDC_NAME", ""),
    )
    with app.app_context():
        if written.get("OIDC_CLAIM") == "":
            client = signed_in(app, Grant(Role.COORDINATOR))
            page = client.get("/staff/account/").text
            assert "Connect your account" in page
            back = at_provider(client.get("/staff/provider/connect").location)
            assert come_back(client, back).location == "/staff/account/"
        else:
            add_account(Grant(Role.COORDINATOR))
        client = app.test_client()
        answer = sign_in(client)
        assert answer.status_code == 302, answer.text
        assert is_in(client)
        found = list(check_second_step_and_sso(app.extensions["voimavara"].settings, datetime.now(UTC)))
        assert [one for one in found if one.state is Severity.BAD] == []
        assert not [one for one in found if "claim" in one.what and one.state is Severity.ODD and name != "Keycloak"]
        database.session.remove()
        database.engine.dispose()


def doctor(tmp_path, provider, *, ahead=timedelta(), path="", **chosen):
    chosen = {"oidc_client_id": CLIENT, "oidc_client_secret": SECRET} | chosen
    settings = load_settings({}, instance=tmp_path, oidc_issuer=provider.issuer + path, **chosen)
    return " ".join(
        f"{one.what} {one.remedy}" for one in check_second_step_and_sso(settings, datetime.now(UTC) + ahead)
    )


def test_the_doctor_says_what_to_set_for_entra(tmp_path, provider):
    provider.lie(**PROVIDERS["Entra ID"])
    assert 'OIDC_CLAIM = "preferred_username"' in doctor(tmp_path, provider, path=TENANT)
    assert "does not list" not in doctor(tmp_path, provider, path=TENANT, oidc_claim="preferred_username")
    provider.lie(metadata={"issuer": f"{provider.issuer}/{{tenantid}}/v2.0"})
    assert "TENANT-ID" in doctor(tmp_path, provider, path="/common/v2.0")


def test_the_doctor_says_what_to_set_for_mpassid(tmp_path, provider):
    provider.lie(**PROVIDERS["MPASSid"])
    assert 'OIDC_CLAIM = ""' in doctor(tmp_path, provider)
    assert "connected by their owners" in doctor(tmp_path, provider, oidc_claim="")


def test_the_doctor_names_a_provider_without_encryption(tmp_path):
    chosen = {"oidc_issuer": "http://login.example", "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    found = list(check_second_step_and_sso(load_settings({}, instance=tmp_path, **chosen), datetime.now(UTC)))
    assert [one.what for one in found if one.state is Severity.BAD] == [
        "The identity provider is reached without encryption: http://login.example"
    ]


def test_the_doctor_names_another_issuer_missing_keys_and_a_wrong_clock(tmp_path, provider):
    assert f'"{provider.issuer}"' in doctor(tmp_path, provider, path="/")
    provider.lie(keys=ODD_KEYS, no_key=True)
    assert "lists no key" in doctor(tmp_path, provider)
    provider.lie()
    assert "seconds apart" not in doctor(tmp_path, provider)
    told = doctor(tmp_path, provider, ahead=timedelta(seconds=90))
    assert re.search(r"\b(89|90|91) seconds apart", told), told


def test_the_doctor_tries_the_id_and_the_secret_and_names_a_document(tmp_path, provider):
    assert "accepts the id and the secret" in doctor(tmp_path, provider)
    wrong = doctor(tmp_path, provider, oidc_client_secret="another")
    assert "does not accept OIDC_CLIENT_ID with OIDC_CLIENT_SECRET" in wrong and "not its Secret ID" in wrong
    provider.lie(metadata={"token_endpoint": f"{provider.issuer}/nowhere"})
    told = doctor(tmp_path, provider)
    assert "the secret" not in told  # an answer that says neither is no finding
    document = doctor(tmp_path, provider, path="/.well-known/openid-configuration")
    assert f'Write it without the end: "{provider.issuer}".' in document
    provider.lie(**PROVIDERS["Keycloak"])
    assert "mark the address of each user as verified there" in doctor(tmp_path, provider, path="/realms/town")


def test_whoever_connected_nothing_is_told_to_connect(make, provider):
    app = make(oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret=SECRET, oidc_claim="")
    with app.app_context():
        add_account(Grant(Role.COORDINATOR))
        page = sign_in(app.test_client())
        assert page.status_code == 403 and "choose “Connect your account”" in page.text
        assert not audit(page)
        database.session.remove()
        database.engine.dispose()


def test_a_secret_that_is_not_accepted_is_named_on_the_page(make, provider):
    app = make(oidc_issuer=provider.issuer, oidc_client_id=CLIENT, oidc_client_secret="another")
    with app.app_context():
        page = sign_in(app.test_client())
        assert page.status_code == 502 and "OIDC_CLIENT_SECRET" in page.text
        database.session.remove()
        database.engine.dispose()


def test_after_the_provider_was_changed_an_account_is_connected_again(service_app, who, provider):
    identities.link_account(database.session(), who.id, "https://earlier.example", "person-1")
    database.session().commit()
    page = sign_in(service_app.test_client())
    assert page.status_code == 403 and "connected with an earlier sign-in" in page.text
    unlink_and_create_password_code(database.session(), who.id, now=datetime.now(UTC))
    database.session().commit()
    assert sign_in(service_app.test_client()).status_code == 302


def test_odd_keys_beside_the_right_one_disturb_nobody(service_app, who, provider):
    provider.lie(keys=ODD_KEYS)
    assert sign_in(service_app.test_client()).status_code == 302
    provider.lie(keys=ODD_KEYS, no_key=True)
    assert sign_in(service_app.test_client()).status_code == 502


def test_a_key_for_encryption_signs_nothing(service_app, who, provider):
    provider.lie(own_key={"use": "enc"})
    assert sign_in(service_app.test_client()).status_code == 502


@pytest.mark.parametrize(
    ("seconds", "status"), [(-355, 302), (-400, 403), (50, 302), (120, 403)]
)  # tokens last 300 seconds
def test_clocks_may_be_a_minute_apart_and_no_more(service_app, who, provider, seconds, status):
    provider.lie(shifted={"iat": seconds, "exp": seconds})
    answer = sign_in(service_app.test_client())
    assert answer.status_code == status, answer.text
    assert ("set the time of the server right" in answer.text) is (status == 403)


def connected(client, provider, subject, email="one@example.test"):
    provider.lie(claims={"sub": subject, "email": email})
    return come_back(client, at_provider(client.get("/staff/provider/connect").location))


def test_an_account_is_connected_by_its_owner_and_by_nobody_else(service_app, provider):
    client = signed_in(service_app, Grant(Role.COORDINATOR), email="own@example.test")
    other = signed_in(service_app, Grant(Role.PRINCIPAL, "m1", "c1"), email="other@example.test")
    assert connected(client, provider, "person-9").status_code == 302
    assert "sign in through your organisation" in client.get("/staff/account/").text
    taken = connected(other, provider, "person-9")
    assert (taken.status_code, "connected with another account" in taken.text) == (403, True)
    assert not audit(taken)
    fresh = service_app.test_client()
    assert sign_in(fresh).status_code == 302
    assert "own@example.test" in fresh.get("/staff/account/").text
    connected(client, provider, "person-10")
    assert identities.find_account_id_of_identity(database.session(), provider.issuer, "person-9") is None
    assert service_app.test_client().get("/staff/provider/connect").location.startswith("/staff/sign-in?")


def test_whoever_has_signed_out_meanwhile_connects_nothing(service_app, provider):
    client = signed_in(service_app, Grant(Role.COORDINATOR), email="own@example.test")
    back = at_provider(client.get("/staff/provider/connect").location)
    client.delete_cookie("voimavara", path="/staff")
    assert come_back(client, back).status_code in {302, 401, 403}
    assert identities.find_account_id_of_identity(database.session(), provider.issuer, "person-1") is None


def test_whoever_signs_in_to_the_same_browser_meanwhile_is_not_connected(service_app, provider):
    client = signed_in(service_app, Grant(Role.COORDINATOR), email="own@example.test")
    back = at_provider(client.get("/staff/provider/connect").location)
    other = add_account(Grant(Role.COORDINATOR), email="other@example.test")
    client_of(service_app, other)
    client.set_cookie("voimavara", f"word of {other.id}", path="/staff")
    assert "other@example.test" in client.get("/staff/account/").text
    assert come_back(client, back).status_code == 403
    assert identities.find_account_id_of_identity(database.session(), provider.issuer, "person-1") is None


def test_what_was_connected_stands_in_the_trail(service_app, provider):
    client = signed_in(service_app, Grant(Role.COORDINATOR), email="own@example.test")
    connected(client, provider, "person-9")
    newest = next(one for one in trail.entries(database.session()) if one.event is AuditEvent.ACCOUNT_CHANGED)
    assert newest.subject == f"account:{newest.account} provider"


def test_a_link_on_another_site_starts_no_connecting(service_app):
    client = signed_in(service_app, Grant(Role.COORDINATOR))
    answer = client.get("/staff/provider/connect", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.location == "/staff/account/"
