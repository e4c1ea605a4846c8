"""Respondent area: pages without sessions, cookies or logs."""
