"""Single sign-on: the one other host that the service asks something of, apart from the mail server.

OpenID Connect with a code, proof key, state and nonce. What the provider tells of itself and its keys is
fetched anew for every sign-in: nothing is kept, so nothing is stale. Nothing is followed elsewhere.
"""

import hmac
import json
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from app.lazy import lazy_module

if TYPE_CHECKING:
    import requests
    from authlib.common import security
    from authlib.integrations import base_client, requests_client
    from authlib.oidc import core as oidc_core
    from joserfc import errors as jose_errors
    from joserfc import jwk, jws, jwt
else:
    requests = lazy_module("requests")
    security = lazy_module("authlib.common.security")
    base_client = lazy_module("authlib.integrations.base_client")
    requests_client = lazy_module("authlib.integrations.requests_client")
    oidc_core = lazy_module("authlib.oidc.core")
    jose_errors = lazy_module("joserfc.errors")
    jwk = lazy_module("joserfc.jwk")
    jws = lazy_module("joserfc.jws")
    jwt = lazy_module("joserfc.jwt")

ALGORITHMS = ("RS256", "PS256", "ES256")  # signatures alone: with HS256 whoever knows the public key could sign
SECONDS = 5
LEEWAY = 60
LASTS = timedelta(minutes=10)
LENGTH = 48
DISCOVERY = "/.well-known/openid-configuration"


class ProviderUnavailable(Exception):
    """The provider does not answer, or not with what it should; `issuer` is what it calls itself, if another name."""

    def __init__(self, issuer: str = ""):
        super().__init__()
        self.issuer = issuer


class SignInDeclined(Exception):
    """The provider, or the person there, said no."""


class InvalidIdToken(Exception):
    """What came back does not prove who is there; the text names the check that failed, never a value."""


class ClocksDiffer(InvalidIdToken):
    """What came back is not of this time: the clock here or the provider's is wrong."""


@dataclass(frozen=True, slots=True)
class OidcClient:
    """What this installation is to the provider, and what it asks of it."""

    issuer: str
    id: str
    secret: str
    redirect: str
    acr: str = ""


@dataclass(frozen=True, slots=True)
class AuthRequest:
    """What one browser was sent to the provider with; it comes back to the same browser, once, in time."""

    state: str
    nonce: str
    verifier: str
    began: float

    def as_plain(self) -> dict[str, Any]:
        """Return what a signed cookie can hold."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class AuthResponse:
    """What the browser brought back in its address."""

    state: str
    code: str
    error: str = ""
    issuer: str = ""


def start_authorization(client: OidcClient, *, now: datetime) -> tuple[str, AuthRequest]:
    """Return where to send the browser, and the errand to remember meanwhile."""
    metadata = discover(client)
    request = AuthRequest(_random_token(), _random_token(), _random_token(), now.timestamp())
    with _session(client, metadata) as session:
        more = {"acr_values": client.acr} if client.acr else {}
        url, _state = session.create_authorization_url(
            metadata["authorization_endpoint"],
            state=request.state,
            nonce=request.nonce,
            code_verifier=request.verifier,
            **more,
        )
    return str(url), request


def _random_token() -> str:
    return str(security.generate_token(LENGTH))


def fetch_verified_claims(
    client: OidcClient, request: AuthRequest, answer: AuthResponse, *, now: datetime
) -> dict[str, Any]:
    """Return what the provider says of the person, once every check has passed."""
    _require_own(client, request, answer, now=now)
    metadata = discover(client)
    try:
        with _session(client, metadata) as session:
            token = session.fetch_token(
                metadata["token_endpoint"],
                code=answer.code,
                code_verifier=request.verifier,
                grant_type="authorization_code",
                allow_redirects=False,
            )
            keys = _usable(_fetch(session, metadata["jwks_uri"]))
    except base_client.OAuthError as error:
        raise InvalidIdToken("code") from error
    except (requests.RequestException, jose_errors.JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderUnavailable from error
    return _checked(client, request, token, keys, now=now)


def discover(client: OidcClient) -> dict[str, Any]:
    """Return what the provider tells of itself; ProviderUnavailable where it is not the one that was meant."""
    try:
        with requests_client.OAuth2Session(default_timeout=SECONDS) as session:
            metadata = _fetch(session, f"{client.issuer.rstrip('/')}{DISCOVERY}")
        endpoints = [metadata[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise ProviderUnavailable from error
    if metadata.get("issuer") != client.issuer:
        raise ProviderUnavailable(str(metadata.get("issuer") or ""))
    if any(not is_https_or_local(endpoint) for endpoint in endpoints):
        raise ProviderUnavailable
    return metadata


def signing_keys(metadata: dict[str, Any]) -> "Sequence[jwk.Key]":
    """Return the keys of a provider that a signature can be checked with; ProviderUnavailable if there are none."""
    try:
        with requests_client.OAuth2Session(default_timeout=SECONDS) as session:
            return _usable(_fetch(session, metadata["jwks_uri"]))
    except (requests.RequestException, ValueError, KeyError, TypeError) as error:
        raise ProviderUnavailable from error


def provider_time(client: OidcClient) -> datetime | None:
    """Return the time of the provider's clock as its answer says it, to the second; None if it says none."""
    try:
        with requests_client.OAuth2Session(default_timeout=SECONDS) as session:
            answer = session.request("GET", f"{client.issuer.rstrip('/')}{DISCOVERY}", withhold_token=True)
        return parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, ValueError, KeyError, TypeError):
        return None


def is_https_or_local(address: str) -> bool:
    """Tell whether an address is encrypted, or never leaves this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"))


def _require_own(client: OidcClient, request: AuthRequest, answer: AuthResponse, *, now: datetime) -> None:
    if not hmac.compare_digest(answer.state.encode(), request.state.encode()):
        raise InvalidIdToken("state")
    if not 0 <= now.timestamp() - request.began <= LASTS.total_seconds():
        raise InvalidIdToken("time")
    if answer.issuer and answer.issuer != client.issuer:
        raise InvalidIdToken("iss of the address")
    if answer.error:
        raise SignInDeclined
    if not answer.code:
        raise InvalidIdToken("code")


def _session(client: OidcClient, metadata: dict[str, Any]) -> "requests_client.OAuth2Session":
    offered = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    way = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
    return requests_client.OAuth2Session(
        client.id,
        client.secret,
        scope="openid email profile",
        redirect_uri=client.redirect,
        token_endpoint_auth_method=way,
        code_challenge_method="S256",
        default_timeout=SECONDS,
    )


def _fetch(session: "requests_client.OAuth2Session", url: str) -> dict[str, Any]:
    answer = session.request("GET", url, withhold_token=True, allow_redirects=False)
    if answer.status_code != 200:
        message = "not the answer that was asked for"
        raise ValueError(message)
    result: dict[str, Any] = answer.json()
    return result


def _usable(metadata: dict[str, Any]) -> "Sequence[jwk.Key]":
    """Return the keys for signatures; what a list holds beside them, of any form, is passed over."""
    keys = []
    for item in metadata["keys"]:
        if isinstance(item, dict) and item.get("kty") in ("RSA", "EC") and item.get("use", "sig") == "sig":
            try:
                keys.append(jwk.import_key(item))
            except (jose_errors.JoseError, ValueError, KeyError, TypeError):
                continue
    if not keys:
        message = "no key that a signature can be checked with"
        raise ValueError(message)
    return keys


def _claims_of(id_token: str, keys: "Sequence[jwk.Key]") -> "jwt.Token":
    """Return what a token says that was signed with the key it names, or with any of them if it names none."""
    # Keys come from the provider's own list alone: what a token's header says of keys is not looked at.
    registry = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
    head = id_token.partition(".")[0]
    header = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    kind = "EC" if str(header["alg"]).startswith("ES") else "RSA"
    fitting = [key for key in keys if key.key_type == kind and header.get("kid") in (None, key.kid)]
    for key in fitting:
        try:
            return jwt.decode(id_token, key=key, registry=registry)
        except jose_errors.BadSignatureError:
            continue
    raise jose_errors.BadSignatureError


def _checked(
    client: OidcClient, request: AuthRequest, token: dict[str, Any], keys: "Sequence[jwk.Key]", *, now: datetime
) -> dict[str, Any]:
    wanted: dict[str, Any] = {
        "iss": {"essential": True, "value": client.issuer},
        "aud": {"essential": True, "value": client.id},
        "nonce": {"essential": True, "value": request.nonce},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "iat": {"essential": True},
    }
    if client.acr:
        wanted["acr"] = {"essential": True, "value": client.acr}
    expected = {"nonce": request.nonce, "client_id": client.id, "access_token": token.get("access_token")}
    try:
        signed = _claims_of(token["id_token"], keys)
        claims = oidc_core.CodeIDToken(signed.claims, signed.header, wanted, expected)
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except (jose_errors.JoseError, ValueError, KeyError, TypeError) as error:
        claim = str(getattr(error, "claim", "")) or "signature"
        is_of_time = claim in ("exp", "iat", "nbf") and not isinstance(error, jose_errors.MissingClaimError)
        raise (ClocksDiffer if is_of_time else InvalidIdToken)(claim) from error
    return dict(claims)
