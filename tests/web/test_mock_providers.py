"""Each provider is connected as the handbook says: service and provider are processes, a person goes between."""

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
import requests

from app.config import ROOT
from tests.mailbox import free_port
from tests.mock_providers import PROFILES, TENANT, mock_provider
from tests.web.test_four_providers import handbook_settings

PASSWORD = "a long sentence of the person"
SECONDS = 60


class Installation:
    """The product with a folder of its own, served as `./run serve` serves it."""

    def __init__(self, folder, port):
        self.folder = folder
        self.address = f"http://127.0.0.1:{port}"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("VOIMAVARA_")}
        self.environment |= {"VOIMAVARA_INSTANCE": str(folder), "BIND": f"127.0.0.1:{port}", "WORKERS": "1"}

    @property
    def back(self):
        return f"{self.address}/staff/provider/back"

    def write(self, **settings):
        words = {"BASE_URL": self.address, "CONTROLLER": "Town", "CONTACT": "it@town.example", **settings}
        text = "".join(f"{name} = {value!r}\n" for name, value in words.items())
        (self.folder / "config.py").write_text(text, encoding="utf-8")
        (self.folder / "config.py").chmod(0o600)

    def flask(self, *words):
        command = [sys.executable, "-m", "flask", "--app", "app", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=SECONDS)

    def doctor(self):
        return " ".join(self.flask("doctor").stdout.split())

    @contextmanager
    def served(self):
        command = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "app.factory:serve()"]
        with (self.folder / "server.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        try:
            self._wait(process)
            yield
        finally:
            process.terminate()
            process.wait(SECONDS)

    def _wait(self, process):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            assert process.poll() is None, (self.folder / "server.log").read_text()
            try:
                requests.get(f"{self.address}/healthz", timeout=SECONDS)
            except requests.ConnectionError:
                time.sleep(0.2)
            else:
                return
        raise TimeoutError


@pytest.fixture(scope="module")
def installation(tmp_path_factory):
    """An installation with an administrator for each test: an account belongs to one person at one provider."""
    one = Installation(tmp_path_factory.mktemp("installation"), free_port())
    one.write()
    made = one.flask("db", "upgrade")
    assert made.returncode == 0, made.stderr
    people = one.folder / "people.csv"
    names = ("entra", "google", "keycloak", "mpassid", "mistaken")
    lines = [f"{name}@town.example,Kim,administrator,en" for name in names]
    people.write_text("\n".join(["email,name,role,language", *lines]), encoding="utf-8")
    added = one.flask("people", "import", str(people))
    assert added.returncode == 0, added.stderr + added.stdout
    return one


def copied(kind, running, language="en"):
    """Return what the handbook says to write, with what the provider's console shows in place of its capitals."""
    words = {
        "https://login.microsoftonline.com/TENANT-ID/v2.0": f"{running.host}/{TENANT}/v2.0",
        "https://accounts.google.com": running.host,
        "https://KEYCLOAK/realms/REALM": running.issuer,
        "https://ISSUER-OF-MPASSID": running.issuer,
        "https://MPASSIDN-OSOITE": running.issuer,
        "APPLICATION-ID": running.client,
        "CLIENT-ID.apps.googleusercontent.com": running.client,
        "CLIENT-ID": running.client,
        "SECRET": running.secret,
        "SALAISUUS": running.secret,
    }
    settings = handbook_settings(PROFILES[kind].name, language)
    return {name: in_place_of_capitals(value, words) for name, value in settings.items()}


def in_place_of_capitals(value, words):
    """Return a line with what the console shows; fail where the handbook has capitals that it does not explain."""
    found = next((capitals for capitals in words if capitals in value), "")
    # looked for in the handbook's part alone: a secret drawn at random may hold capitals and a hyphen too
    left = value.replace(found, "") if found else value
    assert not re.search(r"[A-Z]{3,}-|SECRET|REALM", left), value
    return value.replace(found, words[found]) if found else value


def browser_of_a_person():
    browser = requests.Session()
    browser.headers["Accept-Language"] = "en"
    return browser


def press(browser, page, text):
    """Follow the link of a page that bears a text."""
    address = re.search(rf'href="([^"]+)"[^>]*>\s*{re.escape(text)}', page.text)[1]
    return browser.get(requests.compat.urljoin(page.url, address.replace("&amp;", "&")), timeout=SECONDS)


def send(browser, page, **fields):
    """Send the form of a page."""
    guard = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    words = {**fields, **({"csrf_token": guard[1]} if guard else {})}
    return browser.post(page.url, data=words, timeout=SECONDS)


def sign_in(browser, installation, name, person):
    """Press the button of the provider on the page for signing in, and give the user name there."""
    page = browser.get(f"{installation.address}/staff/", timeout=SECONDS)
    at_provider = press(browser, page, f"Sign in with {name}")
    if "User name" not in at_provider.text:
        return at_provider
    return send(browser, at_provider, user=person)


@pytest.mark.parametrize("kind", ["entra", "google", "keycloak"])
def test_a_new_user_connects_the_provider_by_the_handbook_alone(installation, kind):
    person = f"{kind}@town.example"
    with mock_provider(kind, back=installation.back, users=[person]) as running:
        settings = copied(kind, running)
        installation.write(**settings)
        seen = installation.doctor()
        assert "The identity provider accepts the id and the secret of this service." in seen
        assert installation.back in seen
        assert " 0 bad" in seen
        with installation.served():
            page = sign_in(browser_of_a_person(), installation, settings["OIDC_NAME"], person)
            assert page.url == f"{installation.address}/staff/", page.text
            assert "Welcome, Kim" in page.text


def test_a_new_user_connects_mpassid_by_the_handbook_alone(installation):
    person = "mpassid@town.example"
    code = re.search(r"One-time code: (\S+)", installation.flask("people", "password", person).stdout)[1]
    with mock_provider("mpassid", back=installation.back, users=[person]) as running:
        installation.write(**copied("mpassid", running))
        seen = installation.doctor()
        assert "The identity provider accepts the id and the secret of this service." in seen
        assert "Each signs in once with the password and chooses Connect your account." in seen
        with installation.served():
            stranger = sign_in(browser_of_a_person(), installation, "MPASSid", person)
            assert stranger.status_code == 403
            assert "choose “Connect your account”" in stranger.text
            browser = browser_of_a_person()
            page = browser.get(f"{installation.address}/staff/password", timeout=SECONDS)
            page = send(browser, page, code=code, password=PASSWORD)
            send(browser, page, email=person, password=PASSWORD)
            own = browser.get(f"{installation.address}/staff/account/", timeout=SECONDS)
            connected = send(browser, press(browser, own, "Connect your account"), user=person)
            assert "From now on you can sign in through your organisation." in connected.text
            again = sign_in(browser_of_a_person(), installation, "MPASSid", person)
            assert again.url == f"{installation.address}/staff/"


@pytest.mark.parametrize("kind", PROFILES)
def test_both_handbooks_give_the_same_settings(kind):
    english = handbook_settings(PROFILES[kind].name, "en")
    finnish = handbook_settings(PROFILES[kind].name, "fi")
    assert english.keys() == finnish.keys()
    assert english.get("OIDC_CLAIM") == finnish.get("OIDC_CLAIM")


def test_each_mistake_is_named_by_the_doctor_and_on_the_page(installation):
    """A document as the issuer, a secret that is another, an address to come back to that is not registered."""
    person = "mistaken@town.example"
    with mock_provider("keycloak", back=installation.back, users=[person], verified=False) as running:
        right = copied("keycloak", running)
        document = f"{running.issuer}/.well-known/openid-configuration"
        installation.write(**right | {"OIDC_ISSUER": document})
        assert f'Write it without the end: "{running.issuer}".' in installation.doctor()
        installation.write(**right | {"OIDC_CLIENT_SECRET": "another"})
        assert "does not accept OIDC_CLIENT_ID with OIDC_CLIENT_SECRET" in installation.doctor()
        with installation.served():
            page = sign_in(browser_of_a_person(), installation, right["OIDC_NAME"], person)
            assert page.status_code == 502
            assert "The service operator must check OIDC_CLIENT_ID and OIDC_CLIENT_SECRET" in page.text
        installation.write(**right)
        assert "mark the address of each user as verified there" in installation.doctor()
    with mock_provider("entra", back=f"{installation.back}/", users=[person]) as elsewhere:
        asked = {"client_id": elsewhere.client, "redirect_uri": installation.back}
        refused = requests.get(f"{elsewhere.host}/auth", params=asked, timeout=SECONDS)
        assert (refused.status_code, "AADSTS50011" in refused.text) == (400, True)
