"""Which migration a database stands at, and which is the newest."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from app.lazy import lazy_module
from app.store.database import Session

if TYPE_CHECKING:
    from alembic import config as alembic_config
    from alembic import migration, script
else:
    alembic_config = lazy_module("alembic.config")
    migration = lazy_module("alembic.migration")
    script = lazy_module("alembic.script")


@lru_cache(maxsize=4)
def head_revision(folder: Path) -> str | None:
    """Return the number of the newest migration in a folder."""
    return _scripts(folder).get_current_head()


def is_known(folder: Path, number: str) -> bool:
    """Tell whether a folder has the migration of that number."""
    return number in {walk_revision.revision for walk_revision in _scripts(folder).walk_revisions()}


def _scripts(folder: Path) -> "script.ScriptDirectory":
    config = alembic_config.Config()
    config.set_main_option("script_location", str(folder))
    return script.ScriptDirectory.from_config(config)


def current_revision(session: Session) -> str | None:
    """Return the number of the last migration that a database went through, or None."""
    return revision_of_connection(session.connection())


def revision_of_connection(connection: Connection) -> str | None:
    """Return the same of a connection whose transaction is its owner's."""
    return migration.MigrationContext.configure(connection).get_current_revision()
