"""The meeting where staff talk about their results: its agenda, its questions, its vote."""

from app.core.meetings.guides import Agenda, AgendaItem, AgendaLead, Guide, InvalidGuide, ProjectorView, read_guide

__all__ = ["Agenda", "AgendaItem", "AgendaLead", "Guide", "InvalidGuide", "ProjectorView", "read_guide"]
