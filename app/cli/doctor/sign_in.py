"""Check how staff sign in: second factor, and single sign-on where it is configured."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from app import oidc
from app.cli.doctor.findings import CheckResult, fail, ok, warn
from app.config import Settings

CLOCKS_APART = timedelta(seconds=20)
SETTINGS = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")


def check_second_step_and_sso(settings: Settings, moment: datetime) -> Iterator[CheckResult]:
    """Check how staff sign in: the second step, and single sign-on if it is set up."""
    if not settings.second_step_required:
        what = "Whoever signs in with a password may do without a second step."
        yield warn(what, "Set SECOND_STEP_REQUIRED = True once everybody can use an authenticator.")
    if not any(getattr(settings, name) for name in SETTINGS):
        return
    faults = list(_faults(settings))
    yield from faults
    if not faults:
        yield from _contact_provider(settings, moment)


def _faults(settings: Settings) -> Iterator[CheckResult]:
    for name in SETTINGS:
        if not getattr(settings, name):
            what = f"Single sign-on is set up by half: {name.upper()} is empty, so nobody is offered it."
            yield fail(what, f"Set {name.upper()}, or empty all three.")
    if settings.oidc_issuer and not oidc.is_https_or_local(settings.oidc_issuer):
        yield fail(f"The identity provider is reached without encryption: {settings.oidc_issuer}", "Use https.")


def _contact_provider(settings: Settings, moment: datetime) -> Iterator[CheckResult]:
    back = f"{settings.base_url.rstrip('/')}/staff/provider/back"
    client = oidc.OidcClient(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, back)
    try:
        metadata = oidc.discover(client)
    except oidc.ProviderUnavailable as unavailable:
        yield _wrong_issuer(settings.oidc_issuer, unavailable.issuer)
        return
    yield from _client(client, metadata)
    yield from _missing_claims(settings, metadata)
    yield from _clock(client, moment)
    faults = list(_unusable(metadata))
    yield from faults
    if not faults:
        yield ok(f"The identity provider answers. It must know the address to come back to: {back}")


def _client(client: oidc.OidcClient, metadata: dict[str, Any]) -> Iterator[CheckResult]:
    accepted = oidc.probe_client_credentials(client, metadata)
    if accepted is False:
        what = "The identity provider does not accept OIDC_CLIENT_ID with OIDC_CLIENT_SECRET."
        remedy = "Copy both from the provider again; the secret may have expired. In Entra ID it is the Value of the"
        yield fail(what, f"{remedy} secret, not its Secret ID.")
    elif accepted:
        yield ok("The identity provider accepts the id and the secret of this service.")


def _wrong_issuer(wanted: str, issuer: str) -> CheckResult:
    if wanted.rstrip("/").endswith(oidc.DISCOVERY):
        what = "OIDC_ISSUER is the address of the provider's document, not of the provider."
        return fail(what, f'Write it without the end: "{wanted.rstrip("/").removesuffix(oidc.DISCOVERY)}".')
    if "{tenant" in issuer:
        what = f"{wanted} is the address for every organisation; it cannot be used for one."
        remedy = "Write the id of your own tenant in its place: https://login.microsoftonline.com/TENANT-ID/v2.0"
        return fail(what, remedy)
    if issuer:
        return fail(
            f"The identity provider at {wanted} calls itself {issuer}.",
            f'Write OIDC_ISSUER exactly as the provider does: "{issuer}".',
        )
    what = f"{wanted} does not tell that it is the identity provider of this very name."
    return fail(what, "Write OIDC_ISSUER exactly as the provider does, and let this host reach it.")


def _unusable(metadata: dict[str, Any]) -> Iterator[CheckResult]:
    if not set(oidc.ALGORITHMS) & set(metadata.get("id_token_signing_alg_values_supported", ["RS256"])):
        what = f"The identity provider signs with none of {', '.join(oidc.ALGORITHMS)}."
        yield fail(what, "Choose one of them at the provider.")
    if "code" not in metadata.get("response_types_supported", ["code"]):
        yield fail("The identity provider offers no sign-in with a code.", "Allow the response type code there.")
    try:
        oidc.signing_keys(metadata)
    except oidc.ProviderUnavailable:
        what = "The identity provider lists no key that a signature can be checked with."
        yield fail(what, "Ask whoever runs it for an RSA or EC key for signatures (use: sig) in its list of keys.")


def _missing_claims(settings: Settings, metadata: dict[str, Any]) -> Iterator[CheckResult]:
    """Compare what accounts are found by with what the provider says it tells of a person."""
    if not settings.oidc_claim:
        what = "Accounts are connected by their owners alone, since OIDC_CLAIM is empty."
        yield ok(f"{what} Each signs in once with the password and chooses Connect your account.")
        return
    claims = metadata.get("claims_supported")
    if not isinstance(claims, list):
        return
    instead = _claim_instead(claims)
    if settings.oidc_claim not in claims:
        what = f"The identity provider does not list the claim {settings.oidc_claim}, by which accounts are found."
        yield warn(what, f"{instead} If it does tell that claim all the same, nothing needs to be done.")
    elif settings.oidc_claim == "email" and "email_verified" not in claims:
        what = "The identity provider does not list email_verified: it may vouch for no e-mail address."
        remedy = _KEYCLOAK if "/realms/" in settings.oidc_issuer else instead
        yield warn(what, f"{remedy} If a sign-in succeeds, nothing needs to be done.")


_KEYCLOAK = (
    "Keycloak tells it without listing it: mark the address of each user as verified there, or for users from a "
    "directory switch on Trust Email."
)


def _claim_instead(claims: list[Any]) -> str:
    if "preferred_username" in claims:
        return (
            'Set OIDC_CLAIM = "preferred_username" if that is the e-mail address of each person and nobody can change '
            "their own, as in Entra ID."
        )
    return 'Set OIDC_CLAIM = "" and let people connect their accounts themselves, or have the claim added there.'


def _clock(client: oidc.OidcClient, moment: datetime) -> Iterator[CheckResult]:
    time = oidc.provider_time(client)
    if time is not None and abs(time - moment) > CLOCKS_APART:
        seconds = abs((time - moment).total_seconds())
        what = f"The clock of the identity provider and the one here are {seconds:.0f} seconds apart."
        yield warn(what, "Set the clock of this host by NTP; more than a minute apart nobody can sign in.")
