"""Look at how staff sign in: the second step, and single sign-on where it is set up."""

from collections.abc import Iterator
from datetime import datetime

from app import oidc
from app.cli.doctor.findings import Finding, fail, ok, warn
from app.config import Settings

SETTINGS = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")


def check_sign_in(settings: Settings, _now: datetime) -> Iterator[Finding]:
    """Look at how staff sign in: the second step, and single sign-on where it is set up."""
    if not settings.second_step_required:
        what = "Whoever signs in with a password may do without a second step."
        yield warn(what, "Set SECOND_STEP_REQUIRED = True once everybody can use an authenticator.")
    if not any(getattr(settings, name) for name in SETTINGS):
        return
    faults = list(_faults(settings))
    yield from faults
    if not faults:
        yield _contact_provider(settings)


def _faults(settings: Settings) -> Iterator[Finding]:
    for name in SETTINGS:
        if not getattr(settings, name):
            what = f"Single sign-on is set up by half: {name.upper()} is empty, so nobody is offered it."
            yield fail(what, f"Set {name.upper()}, or empty all three.")
    if settings.oidc_issuer and not oidc.is_https_or_local(settings.oidc_issuer):
        yield fail(f"The identity provider is reached without encryption: {settings.oidc_issuer}", "Use https.")
    if not settings.oidc_claim:
        yield fail("OIDC_CLAIM is empty: no account can be matched.", 'Set it to "email", for instance.')


def _contact_provider(settings: Settings) -> Finding:
    back = f"{settings.base_url.rstrip('/')}/staff/provider/back"
    try:
        told = oidc.discover(oidc.OidcClient(settings.oidc_issuer, settings.oidc_client_id, "", back))
    except oidc.ProviderUnavailable:
        what = f"{settings.oidc_issuer} does not tell that it is the identity provider of this very name."
        return fail(what, "Write OIDC_ISSUER exactly as the provider does, and let this host reach it.")
    if not set(oidc.ALGORITHMS) & set(told.get("id_token_signing_alg_values_supported", ["RS256"])):
        what = f"The identity provider signs with none of {', '.join(oidc.ALGORITHMS)}."
        return fail(what, "Choose one of them at the provider.")
    return ok(f"The identity provider answers. It must know the address to come back to: {back}")
