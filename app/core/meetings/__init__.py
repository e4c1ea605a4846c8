"""Meetings in which staff discuss their results: agenda, questions and vote."""

from app.core.meetings.guides import Agenda, AgendaItem, AgendaLead, Guide, InvalidGuide, ProjectorView, read_guide

__all__ = ["Agenda", "AgendaItem", "AgendaLead", "Guide", "InvalidGuide", "ProjectorView", "read_guide"]
