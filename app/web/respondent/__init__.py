"""Respondent area: pages without session, cookie or log."""
