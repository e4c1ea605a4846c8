"""The wing of those who answer: no session, no cookie, no log."""
