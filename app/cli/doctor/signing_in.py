"""Look at how staff sign in: the second step, and single sign-on where it is set up."""

from collections.abc import Iterator
from datetime import datetime

from app import provider
from app.cli.doctor.findings import Finding, bad, good, odd
from app.config import Settings

SETTINGS = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")


def check_signing_in(chosen: Settings, _now: datetime) -> Iterator[Finding]:
    """Look at how staff sign in: the second step, and single sign-on where it is set up."""
    if not chosen.second_step_required:
        what = "Whoever signs in with a password may do without a second step."
        yield odd(what, "Set SECOND_STEP_REQUIRED = True once everybody can use an authenticator.")
    if not any(getattr(chosen, name) for name in SETTINGS):
        return
    faults = list(_faults(chosen))
    yield from faults
    if not faults:
        yield _greet(chosen)


def _faults(chosen: Settings) -> Iterator[Finding]:
    for name in SETTINGS:
        if not getattr(chosen, name):
            what = f"Single sign-on is set up by half: {name.upper()} is empty, so nobody is offered it."
            yield bad(what, f"Set {name.upper()}, or empty all three.")
    if chosen.oidc_issuer and not provider.is_safe(chosen.oidc_issuer):
        yield bad(f"The identity provider is reached without encryption: {chosen.oidc_issuer}", "Use https.")
    if not chosen.oidc_claim:
        yield bad("OIDC_CLAIM is empty: no account can be matched.", 'Set it to "email", for instance.')


def _greet(chosen: Settings) -> Finding:
    back = f"{chosen.base_url.rstrip('/')}/staff/provider/back"
    try:
        told = provider.describe(provider.Client(chosen.oidc_issuer, chosen.oidc_client_id, "", back))
    except provider.ProviderUnreachable:
        what = f"{chosen.oidc_issuer} does not tell that it is the identity provider of this very name."
        return bad(what, "Write OIDC_ISSUER exactly as the provider does, and let this host reach it.")
    if not set(provider.ALGORITHMS) & set(told.get("id_token_signing_alg_values_supported", ["RS256"])):
        what = f"The identity provider signs with none of {', '.join(provider.ALGORITHMS)}."
        return bad(what, "Choose one of them at the provider.")
    return good(f"The identity provider answers. It must know the address to come back to: {back}")
