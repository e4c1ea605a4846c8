"""`flask people import FILE` and `flask people export`: accounts and roles as a table."""

from collections.abc import Iterator
from pathlib import Path

import click

from app.cli.table_errors import print_notices
from app.core.accounts import Account
from app.render.mail_messages import sender_details
from app.services import accounts, mail
from app.services.accounts import people_table
from app.services.mail import MailContext
from app.store.database import Session, write_session
from app.web.shared.app_context import now, secret, settings


def import_people_and_create_codes(file: Path, *, letters: bool) -> tuple[tuple[str, str], ...]:
    """Add everybody whom a table names, or give them the role that it says; return who begins with which code.

    Who is there already with that role stays as they are, so that a table can be brought in again. With `letters`
    each code goes by mail and none is returned. Raises TableImportError with every bad row; nothing was stored then.
    """
    if letters and not settings().smtp_url:
        raise click.ClickException("No message can be sent: SMTP_URL is empty. Without --letters codes are printed.")
    with write_session() as session:
        imported = people_table.import_people(session, file.read_bytes(), name=file.name, by=None, now=now())
        print_notices(imported.notices)
        return tuple(_invited(session, imported.begin, letters=letters))


def _invited(session: Session, begin: tuple[Account, ...], *, letters: bool) -> Iterator[tuple[str, str]]:
    context = MailContext(head=sender_details(settings()), secret=secret(), now=now())
    for each_account in begin:
        code = accounts.unlink_and_create_password_code(session, each_account.id, now=now())
        if letters:
            mail.queue_account_message(session, each_account, code, until=now() + accounts.LINK_LASTS, context=context)
        else:
            yield each_account.email, code
