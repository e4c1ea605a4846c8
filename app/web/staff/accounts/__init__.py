"""Pages of one's own account: sign-in, single sign-on, sessions, password and tokens."""
