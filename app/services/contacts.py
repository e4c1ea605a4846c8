"""E-mail addresses to invite: import a list for a round atomically."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC

from sqlalchemy.orm import Session

from app.core.languages import Language
from app.core.mail import ADDRESS, InvitedAddress
from app.core.organisations import Region, ReportingUnit
from app.core.rounds import Round, RoundId
from app.core.tables.cells import TableNotice, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.headers import PEOPLE, column_name_resolver
from app.core.tables.row_reader import RowReader, escape_formula
from app.core.text import match_key
from app.render.tabular_files import Value, table_file
from app.store import contacts as store
from app.store import instruments, invitations, organisations, tabular_reader, uploads
from app.vault.codes import CodeKind

NEEDED = ("community", "email")
COLUMNS = (*NEEDED, "group", "language")
MOST_BYTES = tabular_reader.MOST_BYTES
LONGEST = 254


@dataclass(frozen=True, slots=True)
class CheckedContacts:
    """A checked list of contacts: every address as it would be stored, which are new, and every error."""

    contacts: tuple[InvitedAddress, ...]
    problems: tuple[TableError, ...]
    added: int = 0
    invited: int = 0
    by_unit: tuple[tuple[str, int, int], ...] = ()
    notices: tuple[TableNotice, ...] = ()


@dataclass(slots=True)
class _ContactImport:
    """What has been read so far, to hold later rows against."""

    units: Mapping[str, Sequence[ReportingUnit]]
    groups: Sequence[str]
    language: Language
    known: Mapping[str, str]
    room: Counter[str]
    problems: list[TableError] = field(default_factory=list)
    contacts: dict[str, InvitedAddress] = field(default_factory=dict)


def contacts(session: Session, round_id: RoundId) -> tuple[InvitedAddress, ...]:
    """Return the addresses of a round."""
    return store.contacts(session, round_id)


def empty_import_table(*, kind: str = "xlsx") -> bytes:
    """Return the empty list, as `xlsx` or `csv`."""
    return table_file(kind, "contacts", [COLUMNS])


def export(session: Session, round_id: RoundId, *, kind: str = "csv") -> bytes:
    """Return the addresses of a round as the list that imports them, each with the id of its unit."""
    rows: list[Sequence[Value]] = [COLUMNS]
    rows += [
        (contact.unit, escape_formula(contact.address), "", contact.language.value)
        for contact in store.contacts(session, round_id)
    ]
    return table_file(kind, "contacts", rows)


def check_import(session: Session, round_: Round, content: bytes, *, language: Language) -> CheckedContacts:
    """Tell what importing a list would do, and every fault of it; nothing is stored.

    A community is named by its name or its id; those that are reported together are one. The staff group
    is checked but not kept: nobody needs it to send a message. Raises TableImportError for no such list.
    """
    table = tabular_reader.read_table(content, rename=column_name_resolver(PEOPLE))
    tabular_reader.require_columns(table, NEEDED, allowed=COLUMNS)
    region = round_.boundaries or organisations.load_region(session)
    # An undeliverable address does not count as known; if a list contains it again, it is tried again.
    known = {
        contact.address: contact.unit for contact in store.contacts(session, round_.id) if not contact.undeliverable
    }
    contact_import = _ContactImport(
        units=_by_name(session, region),
        groups=[group.id for group in instruments.get_questionnaire(session, round_.instrument_digest).groups],
        language=language,
        known=known,
        room=_room(session, round_.id, region, known),
    )
    for row in table.rows:
        _read(row, contact_import)
    return _checked(session, round_, region, contact_import, table.notices)


def import_contacts(session: Session, round_: Round, content: bytes, *, language: Language) -> CheckedContacts:
    """Import a list, all of it or nothing; raises TableImportError with every fault."""
    checked = check_import(session, round_, content, language=language)
    if checked.problems:
        raise TableImportError(checked.problems)
    invited = invitations.units_by_mailed_address(session, round_.id)
    store.upsert(session, round_.id, [contact for contact in checked.contacts if contact.address not in invited])
    return checked


def delete_uninvited(session: Session, round_id: RoundId) -> int:
    """Delete the addresses that no message has been written to; return how many."""
    invited = invitations.units_by_mailed_address(session, round_id)
    waiting = [
        contact.address
        for contact in store.contacts(session, round_id)
        if contact.address not in invited and not contact.undeliverable
    ]
    return store.remove_addresses(session, round_id, waiting)


def allow_reinviting_undelivered(session: Session, round_: Round) -> int:
    """Let undeliverable addresses be invited again while invitations are left in their units; return how many."""
    region = round_.boundaries or organisations.load_region(session)
    everybody = store.contacts(session, round_.id)
    known = {contact.address: contact.unit for contact in everybody if not contact.undeliverable}
    room = _room(session, round_.id, region, known)
    again = []
    for contact in everybody:
        if contact.undeliverable and room[contact.unit] > 0:
            room[contact.unit] -= 1
            again.append(contact.address)
    store.set_undeliverable(session, round_.id, again, undeliverable=False)
    return len(again)


def delete_undeliverable(session: Session, round_id: RoundId) -> int:
    """Delete the addresses that no message reached; return how many."""
    gone = [contact.address for contact in store.contacts(session, round_id) if contact.undeliverable]
    return store.remove_addresses(session, round_id, gone)


def upload_kind_for_round(round_id: RoundId) -> str:
    """Return the kind under which an uploaded list of contacts of a round is kept until it is confirmed."""
    return f"{uploads.CONTACTS}{round_id}"


def _by_name(session: Session, region: Region) -> dict[str, list[ReportingUnit]]:
    """Return the units by everything that a list may call them; a name may stand for several."""
    names = {community.id: community.name for community in organisations.communities(session)}
    result: dict[str, list[ReportingUnit]] = {}
    for unit in region.units:
        called = {
            unit.id,
            unit.name,
            *unit.communities,
            *(names.get(community, community) for community in unit.communities),
        }
        for word in {match_key(item) for item in called}:
            result.setdefault(word, []).append(unit)
    return result


def _room(session: Session, round_id: RoundId, region: Region, known: Mapping[str, str]) -> Counter[str]:
    """Return how many more addresses each unit can take: neither known ones nor printed slips fit twice."""
    slips = invitations.code_counts_by_unit(session, round_id, kind=CodeKind.SLIP)
    room = Counter({unit.id: unit.invited_count - slips.get(unit.id, 0) for unit in region.units})
    room.subtract(Counter(known.values()))
    return room


def _read(row: TableRow, contact_import: _ContactImport) -> None:
    reader = RowReader(row, zone=UTC, problems=contact_import.problems)
    address = _address(reader)
    unit = _unit(reader, contact_import)
    group = reader.stripped_cell("group")
    if group and group not in contact_import.groups:
        reader.add_error("group", TableErrorCode.UNKNOWN_WORD, group, ", ".join(contact_import.groups))
    language = reader.read_choice("language", Language, default=contact_import.language)
    if not address or unit is None:
        return
    if address in contact_import.contacts:
        reader.add_error("email", TableErrorCode.REPEATED, address)
        return
    contact_import.contacts[address] = InvitedAddress(address, unit.id, language)
    before = contact_import.known.get(address)
    if before != unit.id:
        contact_import.room[before or ""] += 1
        _take_room(reader, unit, contact_import)


def _address(reader: RowReader) -> str:
    value = reader.read_one_line_text("email", longest=LONGEST, required=True)
    if value and not ADDRESS.fullmatch(value):
        reader.add_error("email", TableErrorCode.NOT_AN_EMAIL, value)
        return ""
    return value.lower()


def _unit(reader: RowReader, contact_import: _ContactImport) -> ReportingUnit | None:
    value = reader.read_one_line_text("community", longest=250, required=True)
    units = contact_import.units.get(match_key(value), ())
    if value and not units:
        reader.add_error("community", TableErrorCode.NO_SUCH_COMMUNITY, value)
    if len(units) > 1:
        reader.add_error("community", TableErrorCode.SEVERAL_COMMUNITIES, value)
    return units[0] if len(units) == 1 else None


def _take_room(reader: RowReader, unit: ReportingUnit, contact_import: _ContactImport) -> None:
    contact_import.room[unit.id] -= 1
    if contact_import.room[unit.id] == -1:  # reported once, at the first row that no longer fits
        new = [
            contact
            for contact in contact_import.contacts.values()
            if contact_import.known.get(contact.address) != contact.unit == unit.id
        ]
        reader.add_error("community", TableErrorCode.NO_ROOM, unit.name, str(len(new) - 1))


def _checked(
    session: Session,
    round_: Round,
    region: Region,
    contact_import: _ContactImport,
    notices: tuple[TableNotice, ...],
) -> CheckedContacts:
    invited = invitations.units_by_mailed_address(session, round_.id)
    names = {unit.id: unit.name for unit in region.units}
    for contact in contact_import.contacts.values():
        before = invited.get(contact.address)
        if before is not None and before != contact.unit:
            contact_import.problems.append(
                TableError(0, "", TableErrorCode.INVITED_ELSEWHERE, contact.address, names.get(before, before))
            )
    counted = Counter(contact.unit for contact in contact_import.contacts.values())
    return CheckedContacts(
        contacts=tuple(contact_import.contacts.values()),
        problems=tuple(sorted(set(contact_import.problems))),
        added=sum(address not in contact_import.known for address in contact_import.contacts),
        invited=sum(address in invited for address in contact_import.contacts),
        by_unit=tuple((unit.name, counted[unit.id], unit.invited_count) for unit in region.units if counted[unit.id]),
        notices=notices,
    )
