"""Look behind a code, and cast a ballot with it."""
