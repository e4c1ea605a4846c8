"""A real provider of single sign-on on loopback, in a process of its own, that lies as a test asks it to."""

import base64
import hashlib
import hmac
import json
import secrets
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from urllib.parse import urlencode

from flask import Flask, jsonify, redirect, request
from joserfc import jwk, jwt
from werkzeug.serving import make_server

from app.config import ROOT
from tests.mailbox import free_port

CLIENT = "voimavara"
SECRET = "a secret of the client"
PERSON = {"sub": "person-1", "email": "kim@example.test", "email_verified": True}


class Provider:
    """Keys, codes that were given out, and how the next answers differ from honest ones."""

    def __init__(self, issuer):
        self.issuer = issuer
        self.key = jwk.RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
        self.stranger = jwk.RSAKey.generate_key(2048, auto_kid=False)
        self.successor = jwk.RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
        self.codes = {}
        self.lie = {}

    def metadata(self):
        told = {
            "issuer": self.issuer + self.lie.get("path", ""),
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            "code_challenge_methods_supported": ["S256"],
        }
        return told | self.lie.get("metadata", {})

    def token(self, asked):
        now = int(time.time())
        claims = {
            "iss": self.issuer + self.lie.get("path", ""),
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
        }
        claims |= PERSON | self.lie.get("claims", {})
        for name, seconds in self.lie.get("shifted", {}).items():
            claims[name] += seconds
        claims = {name: value for name, value in claims.items() if value is not None}
        return self._signed(claims, self.lie.get("signed", "honestly"))

    def _signed(self, claims, how):
        public = self.key.as_pem(private=False)
        if how == "by nobody":
            parts = ({"alg": "none", "typ": "JWT"}, claims)
            return ".".join(_plain(json.dumps(part).encode()) for part in parts) + "."
        if how == "with the public key as a shared secret":
            whole = ".".join(_plain(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims))
            return f"{whole}.{_plain(hmac.new(public, whole.encode(), hashlib.sha256).digest())}"
        if how == "by a stranger":
            return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.stranger)
        if how == "by a stranger who brings the key":
            brought = jwk.ECKey.generate_key("P-256")  # short: joserfc takes no header of more than 512 bytes
            return jwt.encode({"alg": "ES256", "jwk": brought.as_dict(private=False)}, claims, brought)
        head, key = {
            "with the next key": ({"alg": "RS256", "kid": self.successor.kid}, self.successor),
            "with another method": ({"alg": "RS512", "kid": self.successor.kid}, self.successor),
            "under the name of another key": ({"alg": "RS256", "kid": "unknown"}, self.key),
            "without the name of the key": ({"alg": "RS256"}, self.key),
        }.get(how, ({"alg": "RS256", "kid": self.key.kid}, self.key))
        token = jwt.encode(head, claims, key, algorithms=[head["alg"]])
        if how == "and changed afterwards":
            head, _body, seal = token.split(".")
            return f"{head}.{_plain(json.dumps(claims | {'email': 'boss@example.test'}).encode())}.{seal}"
        return token


def _plain(content):
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def hashed_verifier(verifier):
    """Return the challenge that belongs to a proof key (PKCE, S256)."""
    return _plain(hashlib.sha256(verifier.encode()).digest())


def application(issuer):
    """The provider as a web application."""
    app = Flask("provider")
    provider = Provider(issuer)
    app.before_request(lambda: _away(provider))

    @app.get("/.well-known/openid-configuration")
    @app.get("/<path:_tenant>/.well-known/openid-configuration")
    def metadata(_tenant=""):
        return jsonify(provider.metadata()), provider.lie.get("status", 200)

    @app.get("/jwks")
    def jwks():
        key = provider.successor if provider.lie.get("next_key") else provider.key
        own = {**key.as_dict(private=False), **provider.lie.get("own_key", {})}
        own = {name: value for name, value in own.items() if value is not None}
        return jsonify(keys=[*provider.lie.get("keys", []), *([] if provider.lie.get("no_key") else [own])])

    @app.get("/auth")
    def auth():
        code = secrets.token_urlsafe()
        provider.codes[code] = request.args.to_dict()
        more = {"iss": provider.issuer + provider.lie.get("path", "")} | provider.lie.get("address", {})
        return redirect(
            f"{request.args['redirect_uri']}?{urlencode({'code': code, 'state': request.args['state'], **more})}"
        )

    @app.post("/token")
    def token():
        asked = provider.codes.pop(request.form["code"], None)
        proof = hashed_verifier(request.form.get("code_verifier", ""))
        fault = _fault(proof, asked)
        if fault:
            return jsonify(error=fault), 400
        if "token" in provider.lie:
            return provider.lie["token"], 200
        return jsonify(access_token="t", token_type="Bearer", expires_in=300, id_token=provider.token(asked))

    @app.post("/lie")
    def lie():
        provider.lie = request.get_json()
        return "", 204

    return app


def _fault(proof, asked):
    """Say what is wrong with a service that hands in a code; nothing if it gets its token."""
    who = request.authorization
    given = (who.username, who.password) if who else (request.form.get("client_id"), request.form.get("client_secret"))
    if given != (CLIENT, SECRET):
        return "invalid_client"
    return "" if asked is not None and proof == asked.get("code_challenge") else "invalid_grant"


def _away(provider):
    """Lead elsewhere, where the right answer is, whoever asks for what has moved."""
    moves = request.path == provider.lie.get("moves") and "moved" not in request.args
    return redirect(f"{request.path}?moved=1", 307) if moves else None


class Running:
    """The provider's process as a test sees it."""

    def __init__(self, issuer):
        self.issuer = issuer

    def lie(self, **how):
        """Let the next answers differ from honest ones."""
        headers = {"Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.issuer}/lie", json.dumps(how).encode(), headers)
        urllib.request.urlopen(asked, timeout=10).close()


@contextmanager
def identity_provider():
    """Start the provider in a process of its own."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.identity_provider", str(port)], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        _wait(f"http://127.0.0.1:{port}/jwks")
        yield Running(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(url):
    for _ in range(300):
        try:
            urllib.request.urlopen(url, timeout=10).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(url)


if __name__ == "__main__":
    port = int(sys.argv[1])
    make_server("127.0.0.1", port, application(f"http://127.0.0.1:{port}"), threaded=True).serve_forever()
