"""One way to import a table: check it, show what would change, import it when the same person confirms it.

Between these steps a file waits in the database, and anything may change meanwhile. So every step checks the file
anew; what does not fit any more is told like any fault of the file, and the file goes on waiting.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.tables.errors import TableError, TableImportError
from app.store.database import Session, read_session, write_session
from app.web.shared.forms import Form


class CheckedUpload(Protocol):
    """What a check brought; only a file without problems may be imported."""

    @property
    def problems(self) -> tuple[TableError, ...]:
        """What has to be mended."""


CheckedT = TypeVar("CheckedT", bound=CheckedUpload)


class PendingUploadStore(Protocol):
    """Where a file of one kind waits to be confirmed by the account at hand."""

    def put(self, session: Session, *, name: str, content: bytes) -> int:
        """Keep a file and return its number."""

    def find(self, session: Session, number: int) -> tuple[str, bytes] | None:
        """Return name and content of a file; None if it is gone or somebody else's."""

    def remove(self, session: Session, number: int) -> bool:
        """Delete a file; tell whether it was there, so that of two that confirm it at once only one imports it."""


@dataclass(frozen=True, slots=True)
class TableImport(Generic[CheckedT]):
    """The import of one kind of table: communities, courses, or the addresses of a round.

    `check` may raise TableImportError for a file that is no such table; `store` raises it for every fault. `page`
    takes a file in and shows what is wrong with one, `preview` shows what a file would change, `done` answers once
    it is imported. `endpoint` and `arguments` build the addresses.
    """

    most_bytes: int
    waiting: PendingUploadStore
    check: Callable[[Session, bytes], CheckedT]
    store: Callable[[Session, bytes], CheckedT]
    form: Callable[[], Any]
    page: Callable[[Any, tuple[TableError, ...]], ResponseReturnValue]
    preview: Callable[[CheckedT, str], ResponseReturnValue]
    done: Callable[[CheckedT], None]
    addresses: "ImportEndpoints"
    checking: Callable[[], AbstractContextManager[Session]] = read_session

    def check_upload(self) -> ResponseReturnValue:
        """Show the form, or check the file that it brought; a clean one waits to be confirmed."""
        form: Form = self.form()
        if not form.validate_on_submit():
            return self.page(form, ())
        uploaded = form["file"].data
        content: bytes = uploaded.read(self.most_bytes + 1)
        with self.checking() as session:
            _checked, problems = self._check(session, content)
        if problems:
            return self.page(form, problems)
        with write_session() as session:
            number = self.waiting.put(session, name=uploaded.filename or "", content=content)
        return redirect(self.addresses.preview(number))

    def show(self, number: int) -> ResponseReturnValue:
        """Show what a waiting file would change now; where it no longer fits, show why in place of it."""
        with self.checking() as session:
            name, content = self.waiting.find(session, number) or abort(404)
            checked, problems = self._check(session, content)
        if checked is None or problems:
            return self.page(self.form(), problems)
        return self.preview(checked, name)

    def confirm(self, number: int) -> ResponseReturnValue:
        """Import a waiting file, or give it up; it goes on waiting where it cannot be imported."""
        gone = redirect(self.addresses.check_upload())
        try:
            with write_session() as session:
                result = self.waiting.find(session, number)
                if result is None or not self.waiting.remove(session, number):
                    flash(gettext("This file has already been imported or cancelled."), "warning")
                    return gone
                if "give_up" in request.form:
                    return redirect(self.addresses.back())
                stored = self.store(session, result[1])
        except TableImportError as refused:
            return self.page(self.form(), refused.problems)
        self.done(stored)
        return redirect(self.addresses.back())

    def _check(self, session: Session, content: bytes) -> tuple[CheckedT | None, tuple[TableError, ...]]:
        try:
            checked = self.check(session, content)
        except TableImportError as refused:
            return None, refused.problems
        return checked, checked.problems


@dataclass(frozen=True, slots=True)
class ImportEndpoints:
    """The addresses of an import: endpoints, and what is the same in each of them, such as the round."""

    taking_in: str
    previewing: str
    leaving: str
    number: str = "number"
    shared: Mapping[str, Any] = field(default_factory=dict)

    def check_upload(self) -> str:
        """Return where a file is handed in."""
        return url_for(self.taking_in, **self.shared)

    def preview(self, number: int) -> str:
        """Return where a waiting file is shown."""
        return url_for(self.previewing, **{**self.shared, self.number: number})

    def back(self) -> str:
        """Return where an import ends."""
        return url_for(self.leaving, **self.shared)
