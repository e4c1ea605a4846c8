"""Single sign-on (OpenID Connect): besides mail, the only outgoing connection of the service.

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

ALGORITHMS = ("RS256", "PS256", "ES256")  # asymmetric signatures only: with HS256 anyone with the public key could sign
SECONDS = 5
LEEWAY = 60
LASTS = timedelta(minutes=10)
LENGTH = 48
REJECTIONS = frozenset({"invalid_client", "unauthorized_client"})  # RFC 6749, 5.2; the second is Keycloak's
DISCOVERY = "/.well-known/openid-configuration"


class ProviderUnavailable(Exception):
    """The provider does not answer, or not with what it should; `issuer` is what it calls itself, if another name."""

    def __init__(self, issuer: str = ""):
        super().__init__()
        self.issuer = issuer


class SignInDeclined(Exception):
    """The provider or the user declined the sign-in."""


class ClientRejected(Exception):
    """The provider does not accept this service: its id or its secret is wrong, or the secret has expired."""


class SignInNotVerified(Exception):
    """The provider's answer does not prove who signs in; the text names the check that failed, never a value."""


class ClocksDiffer(SignInNotVerified):
    """The ID token is expired or not valid yet: the clock here or the provider's is wrong."""


@dataclass(frozen=True, slots=True)
class OidcClient:
    """Client settings of this installation: issuer, id, secret, redirect address and requested acr."""

    issuer: str
    id: str
    secret: str
    redirect: str
    acr: str = ""


@dataclass(frozen=True, slots=True)
class AuthRequest:
    """State, nonce and PKCE verifier of one authorization request, kept in the browser until the callback."""

    state: str
    nonce: str
    verifier: str
    began: float

    def as_plain(self) -> dict[str, Any]:
        """Return the request as a dict that a signed cookie can hold."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class AuthResponse:
    """Query parameters with which the provider sent the browser back."""

    state: str
    code: str
    error: str = ""
    issuer: str = ""


def start_authorization(client: OidcClient, *, language: str, now: datetime) -> tuple[str, AuthRequest]:
    """Return the authorization URL of the provider, and the request to keep until the browser comes back.

    `language` ("fi", "sv", "en") is passed on as `ui_locales`, which a provider may heed (OpenID Connect Core 3.1.2.1).
    """
    metadata = discover(client)
    request = AuthRequest(_random_token(), _random_token(), _random_token(), now.timestamp())
    with _session(client, metadata) as session:
        more = {"acr_values": client.acr} if client.acr else {}
        url, _state = session.create_authorization_url(
            metadata["authorization_endpoint"],
            state=request.state,
            nonce=request.nonce,
            code_verifier=request.verifier,
            ui_locales=language,
            **more,
        )
    return str(url), request


def _random_token() -> str:
    return str(security.generate_token(LENGTH))


def fetch_verified_claims(
    client: OidcClient, request: AuthRequest, answer: AuthResponse, *, now: datetime
) -> dict[str, Any]:
    """Exchange the code for an ID token and return its claims after every check has passed."""
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
        if error.error in REJECTIONS:
            raise ClientRejected from error
        raise SignInNotVerified("code") from error
    except (requests.RequestException, jose_errors.JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderUnavailable from error
    return _checked(client, request, token, keys, now=now)


def discover(client: OidcClient) -> dict[str, Any]:
    """Fetch the provider's metadata; ProviderUnavailable if it does not answer or belongs to another issuer."""
    if not is_https_or_local(client.issuer):  # otherwise an attacker on the network could inject endpoints
        raise ProviderUnavailable
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


def probe_client_credentials(client: OidcClient, metadata: dict[str, Any]) -> bool | None:
    """Return whether the provider accepts this service's id and secret, tested with an invalid code.

    A provider checks the client before the code: "invalid_grant" means that the client is right. None if the answer
    says neither.
    """
    try:
        with _session(client, metadata) as session:
            session.fetch_token(
                metadata["token_endpoint"],
                code=_random_token(),
                code_verifier=_random_token(),
                grant_type="authorization_code",
                allow_redirects=False,
            )
    except base_client.OAuthError as error:
        if error.error in REJECTIONS:
            return False
        return True if error.error == "invalid_grant" else None
    except (requests.RequestException, ValueError, KeyError, TypeError):
        return None
    return None


def provider_time(client: OidcClient) -> datetime | None:
    """Return the time of the provider's clock as its answer says it, to the second; None if it says none."""
    try:
        with requests_client.OAuth2Session(default_timeout=SECONDS) as session:
            answer = session.request("GET", f"{client.issuer.rstrip('/')}{DISCOVERY}", withhold_token=True)
        return parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, ValueError, KeyError, TypeError):
        return None


def is_https_or_local(address: str) -> bool:
    """Tell whether an address is HTTPS or on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost"))


def _require_own(client: OidcClient, request: AuthRequest, answer: AuthResponse, *, now: datetime) -> None:
    if not hmac.compare_digest(answer.state.encode(), request.state.encode()):
        raise SignInNotVerified("state")
    if not 0 <= now.timestamp() - request.began <= LASTS.total_seconds():
        raise SignInNotVerified("time")
    if answer.issuer and answer.issuer != client.issuer:
        raise SignInNotVerified("iss of the address")
    if answer.error:
        raise SignInDeclined
    if not answer.code:
        raise SignInNotVerified("code")


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
    # Use only keys from the provider's own list: key information in a token header is ignored.
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
        raise (ClocksDiffer if is_of_time else SignInNotVerified)(claim) from error
    return dict(claims)
