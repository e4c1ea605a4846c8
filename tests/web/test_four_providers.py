"""Entra ID, Google, Keycloak and MPASSid as they answer, with the settings that the handbook gives."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from app.cli.doctor.findings import Severity
from app.cli.doctor.sign_in import check_sign_in
from app.config import ROOT, load_settings
from app.core.accounts import Grant, Role
from app.store import identities
from app.store.database import database
from tests.identity_provider import CLIENT, SECRET
from tests.web.page_checks import audit
from tests.web.sso_client import at_provider, clock, come_back, house, is_in, make, provider, running, sign_in, who
from tests.web.staff_client import add_account, signed_in

__all__ = ["clock", "house", "make", "provider", "running", "who"]

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
        found = list(check_sign_in(app.extensions["voimavara"].settings, datetime.now(UTC)))
        assert [one for one in found if one.state is Severity.BAD] == []
        assert not [one for one in found if "claim" in one.what and one.state is Severity.ODD and name != "Keycloak"]
        database.session.remove()
        database.engine.dispose()


def doctor(tmp_path, provider, *, ahead=timedelta(), path="", **chosen):
    chosen = {"oidc_client_id": CLIENT, "oidc_client_secret": SECRET} | chosen
    settings = load_settings({}, instance=tmp_path, oidc_issuer=provider.issuer + path, **chosen)
    return " ".join(f"{one.what} {one.remedy}" for one in check_sign_in(settings, datetime.now(UTC) + ahead))


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


def test_the_doctor_names_another_issuer_missing_keys_and_a_wrong_clock(tmp_path, provider):
    assert f'"{provider.issuer}"' in doctor(tmp_path, provider, path="/")
    provider.lie(keys=ODD_KEYS, no_key=True)
    assert "lists no key" in doctor(tmp_path, provider)
    provider.lie()
    assert "seconds apart" not in doctor(tmp_path, provider)
    told = doctor(tmp_path, provider, ahead=timedelta(seconds=90))
    assert re.search(r"\b(89|90|91) seconds apart", told), told


def test_odd_keys_beside_the_right_one_disturb_nobody(house, who, provider):
    provider.lie(keys=ODD_KEYS)
    assert sign_in(house.test_client()).status_code == 302
    provider.lie(keys=ODD_KEYS, no_key=True)
    assert sign_in(house.test_client()).status_code == 502


@pytest.mark.parametrize(
    ("seconds", "status"), [(-355, 302), (-400, 403), (50, 302), (120, 403)]
)  # tokens last 300 seconds
def test_clocks_may_be_a_minute_apart_and_no_more(house, who, provider, seconds, status):
    provider.lie(shifted={"iat": seconds, "exp": seconds})
    answer = sign_in(house.test_client())
    assert answer.status_code == status, answer.text
    assert ("set the time of the server right" in answer.text) is (status == 403)


def connected(client, provider, subject, email="one@example.test"):
    provider.lie(claims={"sub": subject, "email": email})
    return come_back(client, at_provider(client.get("/staff/provider/connect").location))


def test_an_account_is_connected_by_its_owner_and_by_nobody_else(house, provider):
    client = signed_in(house, Grant(Role.COORDINATOR), email="own@example.test")
    other = signed_in(house, Grant(Role.PRINCIPAL, "m1", "c1"), email="other@example.test")
    assert connected(client, provider, "person-9").status_code == 302
    assert "sign in through your organisation" in client.get("/staff/account/").text
    taken = connected(other, provider, "person-9")
    assert (taken.status_code, "connected with another account" in taken.text) == (403, True)
    assert not audit(taken)
    fresh = house.test_client()
    assert sign_in(fresh).status_code == 302
    assert "own@example.test" in fresh.get("/staff/account/").text
    connected(client, provider, "person-10")
    assert identities.account_of_identity(database.session(), provider.issuer, "person-9") is None
    assert house.test_client().get("/staff/provider/connect").status_code in {302, 401}


def test_whoever_has_signed_out_meanwhile_connects_nothing(house, provider):
    client = signed_in(house, Grant(Role.COORDINATOR), email="own@example.test")
    back = at_provider(client.get("/staff/provider/connect").location)
    client.delete_cookie("voimavara", path="/staff")
    assert come_back(client, back).status_code in {302, 401, 403}
    assert identities.account_of_identity(database.session(), provider.issuer, "person-1") is None


def test_a_link_on_another_site_starts_no_connecting(house):
    client = signed_in(house, Grant(Role.COORDINATOR))
    answer = client.get("/staff/provider/connect", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.location == "/staff/account/"
