"""Register the public pages and the API."""

from flask import Blueprint, Flask
from flask_smorest import Api

from app.web.interface import api, courses
from app.web.interface.schemas import FaultSchema

BLUEPRINTS: tuple[Blueprint, ...] = (courses.blueprint,)
TITLE = "Voimavara"
VERSION = "1"


class ApiWithoutErrorHandlers(Api):
    """The interface for programs; it leaves the errors of all other pages alone."""

    def _register_error_handlers(self) -> None:
        """Register none: `programs.fault` answers those of the interface's own addresses."""


def register(app: Flask) -> None:
    """Register the public pages and the interface."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.config.update(
        API_TITLE=TITLE,
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
    )
    interface = ApiWithoutErrorHandlers(app)
    interface.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    interface.spec.components.schema("Fault", schema=FaultSchema)
    interface.register_blueprint(api.blueprint)
