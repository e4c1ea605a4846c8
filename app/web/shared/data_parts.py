"""Parts of a data package, collected from the services, with the permission that each needs."""

from collections.abc import Callable, Mapping
from functools import partial
from zoneinfo import ZoneInfo

from app.core.accounts import Permission
from app.core.audit import AuditEvent
from app.core.data_package import DataPart
from app.core.instruments import staff_group_names_by_id
from app.core.languages import Language
from app.core.rounds import Round, RoundState
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.services import accounts, catalogue, contacts, organisations, rounds
from app.services.accounts import people_table
from app.services.data_package.archive import Files
from app.services.data_package.package import ImportContext, PartFormat
from app.services.data_package.plain_tables import table_part_format
from app.services.data_package.questionnaires_part import questionnaires_part_format
from app.services.data_package.round_choice import exported_round_ids
from app.services.data_package.rounds_part import rounds_part_format
from app.store.database import Session
from app.store.instruments import load_questionnaires
from app.web.shared.app_context import settings
from app.web.shared.course_addresses import public_course_url

# The follow-up is not among them: it holds the minutes and plans of every community, which its own principal alone
# reads on pages, and consents that only the communities themselves can give. Whoever runs the server exports it.
PERMISSIONS: Mapping[DataPart, Permission] = {
    DataPart.COMMUNITIES: Permission.EDIT_ORGANISATIONS,
    DataPart.PEOPLE: Permission.EDIT_ACCOUNTS,
    DataPart.SUPPORT: Permission.EDIT_ORGANISATIONS,
    DataPart.OTHER_SURVEYS: Permission.EDIT_ORGANISATIONS,
    DataPart.COURSES: Permission.EDIT_CATALOGUE,
    DataPart.QUESTIONNAIRES: Permission.PLAN_ROUND,
    DataPart.WEIGHTS: Permission.EDIT_CATALOGUE,
    DataPart.ROUNDS: Permission.RELEASE_ROUND,
    DataPart.CONTACTS: Permission.ISSUE_CODES,
    DataPart.SEATS: Permission.ALLOCATE_SEATS,
}
Load = Callable[[Session, bytes, ImportContext], tuple[int, int]]


def part_formats_in_import_order() -> tuple[PartFormat, ...]:
    """Return how each part of a data package is exported and imported, in the order of import."""
    return (
        _single(DataPart.COMMUNITIES, _export_communities, _load_communities),
        _single(DataPart.PEOPLE, people_table.export_people, _load_people),
        table_part_format(DataPart.SUPPORT),
        table_part_format(DataPart.OTHER_SURVEYS),
        _single(DataPart.COURSES, _export_courses, _load_courses),
        questionnaires_part_format(settings().surveys),
        table_part_format(DataPart.WEIGHTS),
        rounds_part_format(),
        PartFormat(DataPart.CONTACTS, _export_contacts, _load_contacts),
        table_part_format(DataPart.SEATS),
        table_part_format(DataPart.FOLLOW_UP),
    )


def _single(part: DataPart, export: Callable[[Session], bytes], load: Load) -> PartFormat:
    """Return the format of a part that is one table."""
    name = f"{part}.csv"

    def load_only(session: Session, files: Files, context: ImportContext) -> tuple[int, int]:
        if name not in files:
            raise TableImportError([TableError(0, "", TableErrorCode.PACKAGE_FILE_MISSING, name)])
        return _in_file(name, partial(load, session, files[name], context))

    return PartFormat(part, lambda session: {name: export(session)}, load_only)


def _in_file(name: str, load: Callable[[], tuple[int, int]]) -> tuple[int, int]:
    try:
        return load()
    except TableImportError as refused:
        raise TableImportError(problem.with_file_name(name) for problem in refused.problems) from refused


def _groups() -> dict[str, tuple[str, ...]]:
    return staff_group_names_by_id(load_questionnaires(settings().surveys))


def _zone() -> ZoneInfo:
    return ZoneInfo(settings().time_zone)


def _export_communities(session: Session) -> bytes:
    return organisations.export_organisations(session, _groups(), kind="csv")


def _load_communities(session: Session, content: bytes, context: ImportContext) -> tuple[int, int]:
    checked = organisations.import_organisations(session, content, groups=_groups(), by=context.by, now=context.now)
    return len(checked.added) + len(checked.changed), len(checked.unchanged)


def _load_people(session: Session, content: bytes, context: ImportContext) -> tuple[int, int]:
    imported = people_table.import_people(
        session, content, name=f"{DataPart.PEOPLE}.csv", by=context.by, now=context.now, may_lack_role=True
    )
    return imported.changed, imported.unchanged


def _export_courses(session: Session) -> bytes:
    return catalogue.export(session, "csv", zone=_zone(), address=public_course_url)


def _load_courses(session: Session, content: bytes, context: ImportContext) -> tuple[int, int]:
    checked = catalogue.import_courses(session, content, zone=_zone(), now=context.now, by=context.by)
    return len(checked.added) + len(checked.changed), len(checked.unchanged)


def _export_contacts(session: Session) -> Files:
    drafts = (each for each in rounds.rounds(session) if each.state is RoundState.DRAFT)
    chosen = set(exported_round_ids(session))
    return {
        f"{DataPart.CONTACTS}/{draft.id}.csv": contacts.export(session, draft.id)
        for draft in drafts
        if draft.id in chosen and contacts.contacts(session, draft.id)
    }


def _load_contacts(session: Session, files: Files, context: ImportContext) -> tuple[int, int]:
    drafts = {f"{DataPart.CONTACTS}/{each.id}.csv": each for each in rounds.rounds(session)}
    changed = 0
    unchanged = 0
    for name, content in files.items():
        draft = drafts.get(name)
        if draft is None or draft.state is not RoundState.DRAFT:
            raise TableImportError([TableError(0, "", TableErrorCode.PACKAGE_FILE_UNKNOWN, name)])
        added, known = _in_file(name, partial(_load_list, session, draft, content, context))
        changed += added
        unchanged += known
    return changed, unchanged


def _load_list(session: Session, draft: Round, content: bytes, context: ImportContext) -> tuple[int, int]:
    language = Language(settings().default_language)
    checked = contacts.import_contacts(session, draft, content, language=language)
    subject = f"round:{draft.id} addresses:{checked.added}"
    accounts.record_audit_event(session, context.by, AuditEvent.CONTACTS_IMPORTED, subject, now=context.now)
    return checked.added, len(checked.contacts) - checked.added
