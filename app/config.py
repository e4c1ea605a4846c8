"""Settings from `instance/config.py` and VOIMAVARA_ environment variables; read once, then immutable."""

import os
import runpy
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_PREFIX = "VOIMAVARA_"
_FILE = "_FILE"
ROOT = Path(__file__).resolve().parent.parent
VERSION = "0.2.0"


LOG_FORMATS = ("text", "json")
KINDS = ("postgresql+psycopg://", "postgresql://", "sqlite:///")


class InvalidSetting(ValueError):
    """A setting cannot be what was chosen; the text names it and what it may be, and no password."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of an installation; every field can be set with a variable VOIMAVARA_<FIELD>."""

    instance: Path = ROOT / "instance"
    surveys: Path = ROOT / "surveys"
    database_url: str = ""
    service_name: str = "Voimavara"
    base_url: str = "http://127.0.0.1:5000"
    default_language: str = "fi"
    time_zone: str = "Europe/Helsinki"
    jobs: bool = False
    secure_cookies: bool = False
    proxies: int = 0
    smtp_url: str = ""
    smtp_ca_file: str = ""
    smtp_plain: bool = False
    mail_from: str = "voimavara@localhost"
    contact: str = ""
    controller: str = ""
    metrics_token: str = ""
    log_format: str = "text"
    backup_folder: str = ""
    backup_days: int = 35
    audit_days: int = 730
    letter_days: int = 30
    second_step_required: bool = False
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_claim: str = "email"
    oidc_name: str = ""
    oidc_acr: str = ""

    @property
    def effective_database_url(self) -> str:
        """The database URL; an SQLite file in the instance folder unless `database_url` is set."""
        return self.database_url or f"sqlite:///{self.instance / 'voimavara.db'}"

    @property
    def backups(self) -> Path:
        """The folder of backups; in the instance folder unless chosen otherwise."""
        return Path(self.backup_folder) if self.backup_folder else self.instance / "backups"

    @property
    def has_single_sign_on(self) -> bool:
        """Whether single sign-on is set up."""
        return bool(self.oidc_issuer and self.oidc_client_id and self.oidc_client_secret)

    @property
    def keys(self) -> Path:
        """The folder of round keys, outside the database and its backups."""
        return self.instance / "keys"


def load_settings(environment: Mapping[str, str] = os.environ, **overrides: Any) -> Settings:
    """Read settings: overrides first, then variables, then `instance/config.py`, then defaults.

    A variable that ends in _FILE names a file whose content is the value, so that passwords need not stand
    among the variables. Raises InvalidSetting when a value cannot be what its field asks for.
    """
    instance = Path(overrides.get("instance") or environment.get("VOIMAVARA_INSTANCE") or ROOT / "instance")
    written = {name.lower(): value for name, value in _read_config_file(instance).items()}
    chosen: dict[str, Any] = {"instance": instance}
    for field in fields(Settings):
        variable = _environment_value(environment, _PREFIX + field.name.upper())
        value = overrides.get(field.name, variable if variable is not None else written.get(field.name))
        if value is not None:
            chosen[field.name] = _convert(field.name, type(getattr(Settings(), field.name)), value)
    _require_ranges(chosen)
    _require_log_format(chosen)
    _require_known_database(chosen)
    _require_plain_address(chosen)
    _require_root(chosen, environment)
    return Settings(**chosen)


def unknown_settings(instance: Path, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the names in `instance/config.py` and among the variables that no setting has."""
    known = {field.name.upper() for field in fields(Settings)}
    variables = {name for name in environment if name.startswith(_PREFIX)} - {_PREFIX + "MOVE_TO"}
    strange = {name for name in variables if name.removeprefix(_PREFIX).removesuffix(_FILE) not in known}
    return (*sorted(_read_config_file(instance).keys() - known), *sorted(strange))


def _read_config_file(instance: Path) -> dict[str, Any]:
    file = instance / "config.py"
    try:
        return {name: value for name, value in runpy.run_path(str(file)).items() if name.isupper()}
    except FileNotFoundError:
        return {}
    except (OSError, SyntaxError, NameError, TypeError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        found_message = error.strerror if isinstance(error, OSError) else error.args[0]
        message = f"{file}{line} cannot be read: {found_message}"
        raise InvalidSetting(message) from error


def _environment_value(environment: Mapping[str, str], name: str) -> str | None:
    file = environment.get(name + _FILE)
    if file is None:
        return environment.get(name)
    if name in environment:
        message = f"Set {name} or {name}{_FILE}, not both"
        raise InvalidSetting(message)
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        message = f"{name}{_FILE} names {file}, which cannot be read: {error.strerror}"
        raise InvalidSetting(message) from error


def _require_ranges(chosen: Mapping[str, Any]) -> None:
    for name, value in chosen.items():
        if name.endswith("_days") and value < 1:
            message = f"{name.upper()} must be at least 1 day, not {value}"
            raise InvalidSetting(message)


def _require_log_format(chosen: Mapping[str, Any]) -> None:
    log_format = chosen.get("log_format", LOG_FORMATS[0])
    if log_format not in LOG_FORMATS:
        message = f"LOG_FORMAT must be {' or '.join(LOG_FORMATS)}, not {log_format!r}"
        raise InvalidSetting(message)


def _require_known_database(chosen: Mapping[str, Any]) -> None:
    url = chosen.get("database_url", "")
    if url and not url.startswith(KINDS):  # the URL may contain a password, so it is not repeated
        raise InvalidSetting("DATABASE_URL must begin with postgresql+psycopg:// or, for a file, sqlite:///")


def _require_plain_address(chosen: Mapping[str, Any]) -> None:
    kind = chosen.get("smtp_url", "").partition("://")[0]
    if chosen.get("smtp_plain") and kind in {"starttls", "smtps"}:
        message = (
            f"SMTP_PLAIN turns encryption off, but SMTP_URL begins with {kind}://: write smtp://, or empty SMTP_PLAIN"
        )
        raise InvalidSetting(message)


def _require_root(chosen: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """Refuse an address below a path: links, cookies and scripts of the service begin at the root of its host."""
    address = urlsplit(str(chosen.get("base_url", "")))
    below = environment.get("SCRIPT_NAME", "")
    if address.path.strip("/") or address.query or address.fragment:
        fault = f"BASE_URL must be a host without a path, not {address.geturl()}"
    elif below.strip("/"):
        fault = f"SCRIPT_NAME asks for the path {below}"
    else:
        return
    message = f"{fault}: the service works at the root of a host alone, such as https://survey.town.example"
    raise InvalidSetting(message)


def _convert(name: str, kind: type, value: Any) -> Any:
    if isinstance(value, kind):
        return value
    if kind is bool:
        words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}
        if str(value).lower() not in words:
            message = f"{name.upper()} must be true or false, not {value!r}"
            raise InvalidSetting(message)
        return words[str(value).lower()]
    try:
        return kind(value)
    except ValueError as error:
        message = f"{name.upper()} must be a whole number, not {value!r}"
        raise InvalidSetting(message) from error
