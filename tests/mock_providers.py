"""Entra ID, Google, Keycloak and MPASSid as a person who connects them meets them: each a server of its own.

    python -m tests.mock_providers entra --port 8090 --back http://127.0.0.1:5000/staff/provider/back \
        --user kim@town.example

It prints what the provider's console shows to whoever registers a service there, and serves until it is stopped. As
the real ones do, it takes a browser back only to the address that was registered, and asks who signs in.
"""

import argparse
import json
import secrets
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, jsonify, redirect, request
from markupsafe import escape
from werkzeug.serving import make_server

from app.config import ROOT
from tests.identity_provider import Provider, hashed_verifier
from tests.mailbox import free_port

TENANT = "11112222-3333-4444-5555-666677778888"
MICROSOFT = ["sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "email"]
ENCRYPTING = {"kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "enc-1", "n": "AQAB", "e": "AQAB"}
POST = "client_secret_post"
BASIC = "client_secret_basic"


@dataclass(frozen=True)
class Profile:
    """How one provider answers beside what all do.

    `console` is what it shows to whoever registers a service, in its own words; {issuer}, {client} and {secret} are
    filled in. `claims` tells of a person by the user name; None leaves a claim out.
    """

    name: str
    console: str
    path: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)
    ways: tuple[str, ...] = (BASIC, POST)
    claims: dict[str, Any] = field(default_factory=dict)
    own_key: dict[str, Any] = field(default_factory=dict)
    keys: tuple[dict[str, Any], ...] = ()
    signed: str = "honestly"
    tells_issuer: bool = False  # in the address of the browser, as RFC 9207 has it
    mismatch: str = "redirect_uri_mismatch"

    def lies(self) -> dict[str, Any]:
        """Return how the provider of the other tests answers like this one."""
        supported = {"token_endpoint_auth_methods_supported": list(self.ways), **self.metadata}
        return {
            "path": self.path,
            "metadata": supported,
            "claims": self.claims,
            "own_key": self.own_key,
            "keys": list(self.keys),
            "signed": self.signed,
        }


PROFILES = {
    "entra": Profile(
        name="Entra ID",
        console=(
            "App registrations > Voimavara > Overview\n"
            "    Application (client) ID   {client}\n"
            f"    Directory (tenant) ID     {TENANT}\n"
            "Certificates & secrets > Client secrets\n"
            "    Value                     {secret}\n"
            "In this mock {host} stands for https://login.microsoftonline.com"
        ),
        path=f"/{TENANT}/v2.0",
        metadata={"claims_supported": MICROSOFT},
        ways=(POST,),
        claims={"email": None, "email_verified": None, "preferred_username": "{user}", "ver": "2.0", "tid": TENANT},
        own_key={"alg": None, "x5t": "x"},
        mismatch="AADSTS50011: The redirect URI specified in the request does not match the redirect URIs configured",
    ),
    "google": Profile(
        name="Google",
        console=(
            "OAuth 2.0 Client IDs > Voimavara\n"
            "    Client ID      {client}\n"
            "    Client secret  {secret}\n"
            "In this mock {host} stands for https://accounts.google.com"
        ),
        metadata={"claims_supported": ["aud", "email", "email_verified", "exp", "iat", "iss", "name", "sub"]},
        claims={"email": "{user}", "email_verified": True, "hd": "example.test"},
        mismatch="Error 400: redirect_uri_mismatch",
    ),
    "keycloak": Profile(
        name="Keycloak",
        console=(
            "Clients > voimavara > Settings\n"
            "    Client ID      {client}\n"
            "Clients > voimavara > Credentials\n"
            "    Client secret  {secret}\n"
            "Keycloak runs at {host}, the realm is called town"
        ),
        path="/realms/town",
        metadata={"claims_supported": ["sub", "iss", "auth_time", "name", "preferred_username", "email", "acr"]},
        claims={"email": "{user}", "email_verified": True, "typ": "ID", "preferred_username": "kim", "acr": "1"},
        keys=(ENCRYPTING,),
        tells_issuer=True,
        mismatch="Invalid parameter: redirect_uri",
    ),
    "mpassid": Profile(
        name="MPASSid",
        console=(
            "Your service was added to MPASSid\n"
            "    Issuer         {issuer}\n"
            "    client_id      {client}\n"
            "    client_secret  {secret}"
        ),
        metadata={"claims_supported": ["sub", "given_name", "family_name", "urn:mpass.id:uid"]},
        ways=(BASIC,),
        claims={"email": None, "email_verified": None, "urn:mpass.id:uid": "f0ba7691", "given_name": "Kim"},
        signed="without the name of the key",
        mismatch="The redirection URI provided in the request is not registered",
    ),
}


@dataclass(frozen=True)
class Registration:
    """What a provider knows of the service: where browsers go back to, and what it gave out."""

    back: str
    client: str
    secret: str
    users: frozenset[str]
    verified: bool = True


class MockProvider:
    """A provider that a service is registered at."""

    def __init__(self, host: str, profile: Profile, known: Registration):
        self.host = host
        self.profile = profile
        self.known = known
        self.provider = Provider(host)
        self.provider.lie = profile.lies()

    def metadata(self):
        """Tell of itself."""
        return jsonify(self.provider.metadata())

    def key_set(self):
        """Tell its keys."""
        own = {**self.provider.key.as_dict(private=False), **self.profile.own_key}
        return jsonify(keys=[*self.profile.keys, {name: value for name, value in own.items() if value is not None}])

    def authorize(self):
        """Ask who signs in, and send the browser back."""
        asked = request.args
        if asked.get("client_id") != self.known.client:
            return "This application is not known here.", 400
        if asked.get("redirect_uri") != self.known.back:
            return f"{self.profile.mismatch}: {escape(asked.get('redirect_uri', ''))}", 400
        if request.method == "GET":
            return '<form method="post">User name <input name="user" autofocus><button>Sign in</button></form>'
        user = request.form.get("user", "")
        if user not in self.known.users:
            return "There is no such user.", 403
        code = secrets.token_urlsafe()
        self.provider.codes[code] = {**asked, "user": user}
        words = {"code": code, "state": asked["state"]}
        if self.profile.tells_issuer:
            words["iss"] = self.host + self.profile.path
        return redirect(f"{self.known.back}?{urllib.parse.urlencode(words)}")

    def token(self):
        """Give the token for a code to the service that is registered."""
        if not self._is_registered():
            return jsonify(error="invalid_client"), 401
        asked = self.provider.codes.pop(request.form.get("code", ""), None)
        if asked is None or hashed_verifier(request.form.get("code_verifier", "")) != asked["code_challenge"]:
            return jsonify(error="invalid_grant"), 400
        claims = {"sub": f"subject of {asked['user']}", **self._claims(asked["user"])}
        self.provider.lie = {**self.profile.lies(), "claims": claims}
        id_token = self.provider.token(asked)
        return jsonify(access_token="t", token_type="Bearer", expires_in=300, id_token=id_token)

    def _is_registered(self):
        basic = request.authorization
        if basic is not None:
            given = tuple(map(urllib.parse.unquote, (basic.username, basic.password)))
        else:
            given = (request.form.get("client_id"), request.form.get("client_secret"))
        way = POST if basic is None else BASIC
        return way in self.profile.ways and given == (self.known.client, self.known.secret)

    def _claims(self, user):
        claims = {name: user if value == "{user}" else value for name, value in self.profile.claims.items()}
        if claims.get("email_verified"):
            claims["email_verified"] = self.known.verified
        return claims


def application(host: str, profile: Profile, known: Registration) -> Flask:
    """Return the provider as a web application."""
    app = Flask("mock provider")
    mock = MockProvider(host, profile, known)
    app.add_url_rule(f"{profile.path}/.well-known/openid-configuration", view_func=mock.metadata)
    app.add_url_rule("/jwks", view_func=mock.key_set)
    app.add_url_rule("/auth", view_func=mock.authorize, methods=["GET", "POST"])
    app.add_url_rule("/token", view_func=mock.token, methods=["POST"])
    return app


def register(kind: str, *, back: str, users: list[str], verified: bool = True) -> Registration:
    """Register the service at a provider: it gives out an id and a secret."""
    client = {"google": "81-voimavara.apps.googleusercontent.com", "keycloak": "voimavara"}.get(kind)
    return Registration(
        back, client or secrets.token_hex(8), f"{secrets.token_urlsafe(12)}+/%", frozenset(users), verified=verified
    )


@dataclass(frozen=True)
class Running:
    """A provider that runs: what its console says, and what a person copies from it."""

    host: str
    issuer: str
    client: str
    secret: str
    console: str


@contextmanager
def mock_provider(kind: str, *, back: str, users: list[str], verified: bool = True) -> Iterator[Running]:
    """Run a provider in a process of its own; yield what its console shows."""
    port = free_port()
    words = ["--port", str(port), "--back", back, *(word for user in users for word in ("--user", user))]
    words += [] if verified else ["--unverified"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.mock_providers", kind, *words, "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Running(**json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()


def main(words: list[str]) -> None:
    """Serve a provider until the process is stopped."""
    parser = argparse.ArgumentParser(prog="python -m tests.mock_providers")
    parser.add_argument("kind", choices=PROFILES)
    parser.add_argument("--port", type=int, default=8090)
    parser.add_argument("--back", required=True, help="the address to come back to, as it is registered")
    parser.add_argument("--user", action="append", required=True, help="a user name that can sign in")
    parser.add_argument("--unverified", action="store_true", help="e-mail addresses are not marked as verified")
    parser.add_argument("--json", action="store_true", help="print what the console shows for a program")
    asked = parser.parse_args(words)
    profile = PROFILES[asked.kind]
    host = f"http://127.0.0.1:{asked.port}"
    known = register(asked.kind, back=asked.back, users=asked.user, verified=not asked.unverified)
    issuer = host + profile.path
    server = make_server("127.0.0.1", asked.port, application(host, profile, known), threaded=True)
    console = profile.console.format(issuer=issuer, client=known.client, secret=known.secret, host=host)
    shown = Running(host, issuer, known.client, known.secret, console)
    print(json.dumps(vars(shown)) if asked.json else f"{profile.name}\n\n{console}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
