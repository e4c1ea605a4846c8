"""Common workflow of table imports: check, preview the changes, then confirm by the same account.

Between these steps a file waits in the database, and anything may change meanwhile. So every step checks the file
anew; what does not fit any more is shown like any error of the file, and the file is kept.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app.core.tables.errors import TableError, TableImportError
from app.services import uploads
from app.store.database import Session, read_session, write_session
from app.web.shared.access import current_account
from app.web.shared.app_context import now
from app.web.shared.forms import Form


class CheckedUpload(Protocol):
    """Result of checking a file; only a file without problems may be imported."""

    @property
    def problems(self) -> tuple[TableError, ...]:
        """The errors of the file."""


CheckedT = TypeVar("CheckedT", bound=CheckedUpload)


@dataclass(frozen=True, slots=True)
class TableImport(Generic[CheckedT]):
    """The import of one kind of table: communities, courses, or the contacts of a round.

    `upload_kind` tells the files that wait apart, for instance those of one round's addresses from those of another's.
    `check` may raise TableImportError for a file that is no such table; `store` raises it for every fault. `page`
    takes a file in and shows what is wrong with one, `preview` shows what a file would change, `done` answers once
    it is imported. `addresses` builds the addresses, `checking` opens the session in which a file is checked.
    """

    most_bytes: int
    upload_kind: str
    check: Callable[[Session, bytes], CheckedT]
    store: Callable[[Session, bytes], CheckedT]
    form: Callable[[], Any]
    page: Callable[[Any, tuple[TableError, ...]], ResponseReturnValue]
    preview: Callable[[CheckedT, str], ResponseReturnValue]
    done: Callable[[CheckedT], None]
    addresses: "ImportEndpoints"
    checking: Callable[[], AbstractContextManager[Session]] = read_session

    def handle_upload(self) -> ResponseReturnValue:
        """Show the upload form, or check the uploaded file; a file without errors is stored until it is confirmed."""
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
            number = uploads.replace_pending_upload(
                session,
                current_account().id,
                self.upload_kind,
                name=uploaded.filename or "",
                content=content,
                now=now(),
            )
        return redirect(self.addresses.preview_url(number))

    def show_preview(self, number: int) -> ResponseReturnValue:
        """Show what a stored file would change now, or its errors where it can no longer be imported."""
        with self.checking() as session:
            name, content = self._pending(session, number) or abort(404)
            checked, problems = self._check(session, content)
        if checked is None or problems:
            return self.page(self.form(), problems)
        return self.preview(checked, name)

    def confirm(self, number: int) -> ResponseReturnValue:
        """Import a stored file, or cancel the import; the file stays stored where it cannot be imported."""
        gone = redirect(self.addresses.upload_url())
        try:
            with write_session() as session:
                result = self._pending(session, number)
                if result is None or not uploads.delete_upload(session, number, current_account().id):
                    flash(gettext("This file has already been imported or cancelled."), "warning")
                    return gone
                if "give_up" in request.form:
                    return redirect(self.addresses.return_url())
                stored = self.store(session, result[1])
        except TableImportError as refused:
            return self.page(self.form(), refused.problems)
        self.done(stored)
        return redirect(self.addresses.return_url())

    def _pending(self, session: Session, number: int) -> tuple[str, bytes] | None:
        return uploads.find_pending_upload(session, number, current_account().id, self.upload_kind)

    def _check(self, session: Session, content: bytes) -> tuple[CheckedT | None, tuple[TableError, ...]]:
        try:
            checked = self.check(session, content)
        except TableImportError as refused:
            return None, refused.problems
        return checked, checked.problems


@dataclass(frozen=True, slots=True)
class ImportEndpoints:
    """Endpoints of an import and the URL arguments that they share, such as the round."""

    taking_in: str
    previewing: str
    leaving: str
    number: str = "number"
    shared: Mapping[str, Any] = field(default_factory=dict)

    def upload_url(self) -> str:
        """Return the URL of the upload form."""
        return url_for(self.taking_in, **self.shared)

    def preview_url(self, number: int) -> str:
        """Return the URL of the preview of a stored file."""
        return url_for(self.previewing, **{**self.shared, self.number: number})

    def return_url(self) -> str:
        """Return the URL to open after the import."""
        return url_for(self.leaving, **self.shared)
