"""`flask doctor`: check an installation, and explain in plain language what to fix."""
