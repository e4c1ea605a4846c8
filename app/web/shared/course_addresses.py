"""Public URL of a course, the same in pages, files and commands."""

from flask import current_app

from app.web.shared.app_context import settings


def public_course_url(external_id: str) -> str:
    """Return the absolute URL of a course's public page, without a language."""
    path = current_app.url_map.bind("").build("courses.course", {"external_id": external_id})
    return settings().base_url.rstrip("/") + path
