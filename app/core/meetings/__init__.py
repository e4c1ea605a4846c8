"""The meeting where staff talk about their results: its agenda, its questions, its vote."""

from app.core.meetings.guides import Agenda, Guide, GuideRefused, Leader, Stage, View, read_guide

__all__ = ["Agenda", "Guide", "GuideRefused", "Leader", "Stage", "View", "read_guide"]
