"""All `flask` commands; each module is imported only when its command is looked up."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from app.cli.database_errors import add_database_error_exit, with_database_error_exit
from app.lazy import lazy_module

if TYPE_CHECKING:
    from app.cli import preconditions
else:
    preconditions = lazy_module("app.cli.preconditions")

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "answers": "app.cli.answers:group",
        "backup": "app.cli.backups:backup",
        "catalogue": "app.cli.catalogue:group",
        "clock": "app.cli.clock:group",
        "data": "app.cli.data:group",
        "db": "flask_migrate.cli:db",
        "demo": "app.cli.demo.commands:group",
        "disclosure": "app.cli.disclosure:group",
        "doctor": "app.cli.doctor.command:doctor",
        "mail": "app.cli.mail:group",
        "matching": "app.cli.matching:group",
        "move": "app.cli.migrate_to_postgres:move",
        "organisations": "app.cli.organisations:group",
        "other-surveys": "app.cli.other_surveys:group",
        "people": "app.cli.people:people",
        "reopen": "app.cli.migrate_to_postgres:reopen_for_writing",
        "restore": "app.cli.backups:restore",
        "results": "app.cli.results:group",
        "round": "app.cli.rounds:group",
        "sbom": "app.cli.sbom:sbom",
        "secret": "app.cli.secret:group",
        "trust": "app.cli.privacy_report.commands:group",
        "version": "app.cli.version:version",
    }
)

# The first two make the tables, the third has databases of its own, and the last reports a missing table itself.
NEED_NO_TABLES = frozenset({"db", "demo", "trust", "secret"})


class LazyGroup(AppGroup):
    """A group whose commands are imported when they are looked up: `round --help` loads no chart and no mail."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return sorted({*super().list_commands(ctx), *COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now if it was not before."""
        return super().get_command(ctx, cmd_name) or (load_command(cmd_name) if cmd_name in COMMANDS else None)


@lru_cache(maxsize=64)
def load_command(name: str) -> click.Command:
    """Import a command; wrapped, it ends with one sentence if the database cannot be used or has no tables."""
    module, _, attribute = COMMANDS[name].partition(":")
    command: click.Command = getattr(import_module(module), attribute)
    if name == "db":  # Flask-Migrate's own; migrations/env.py reports a missing database
        return command
    add_database_error_exit(command)
    if isinstance(command, click.Group) and name not in NEED_NO_TABLES:
        command.callback = with_database_error_exit(with_appcontext(_require_tables))
    return command


@click.pass_context
def _require_tables(context: click.Context) -> None:
    preconditions.require_migrated_database_and_secret(context)


def register(app: Flask) -> None:
    """Register all commands with `app`."""
    app.cli = LazyGroup(app.name)
