"""Bearer token authentication of the API; cookies are ignored."""

from flask import abort, request

from app.core.accounts import Account, Token
from app.services import tokens
from app.store.database import read_session
from app.web.shared.app_context import now


def authenticate_bearer() -> tuple[Account, Token]:
    """Return the account that the request's token reads for, and the token; 401 without a valid one."""
    scheme, _, token_text = request.headers.get("Authorization", "").partition(" ")
    with read_session() as session:
        result = (
            tokens.resolve_bearer_token(session, token_text.strip(), now=now())
            if scheme.lower() == "bearer" and token_text
            else None
        )
    return result or abort(401)
