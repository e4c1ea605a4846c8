"""Municipalities and communities: import a table atomically, edit one, join small communities."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.core.accounts import AccountId
from app.core.audit import AuditEntry, AuditEvent
from app.core.organisations import (
    Community,
    CommunityKind,
    JoinErrorCode,
    Municipality,
    Region,
    join_errors_by_community,
)
from app.core.tables.cells import InputTable, TableNotice, TableRow
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.headers import NO, PLACES, YES, column_name_resolver
from app.core.tables.identifiers import add_look_alike_errors
from app.core.tables.row_reader import RowReader, escape_formula
from app.core.text import match_key
from app.render.tabular_files import Value, table_file
from app.store import audit, tabular_reader
from app.store import organisations as store

NEEDED = ("municipality_id", "municipality", "community_id", "community", "kind")
OPTIONAL = ("region", "member", "joined_to", "contact")
MOST_BYTES = tabular_reader.MOST_BYTES
MOST_STAFF = 5000
UPLOAD_KIND = "organisations"
_REGION = "region"
GroupWords = Mapping[str, Iterable[str]]  # what a column of each staff group may be called
_JOINS = {
    JoinErrorCode.UNKNOWN: TableErrorCode.JOINED_TO_UNKNOWN,
    JoinErrorCode.ITSELF: TableErrorCode.JOINED_TO_ITSELF,
    JoinErrorCode.CHAIN: TableErrorCode.JOINED_IN_A_CHAIN,
    JoinErrorCode.ELSEWHERE: TableErrorCode.JOINED_ELSEWHERE,
}


class JoinRefused(Exception):
    """A community cannot be reported under the one that was asked for; `fault` says why."""

    def __init__(self, fault: JoinErrorCode):
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class CheckedOrganisations:
    """The result of checking a table: what would be stored, what would change, and every error."""

    region: str
    municipalities: tuple[Municipality, ...]
    communities: tuple[Community, ...]
    problems: tuple[TableError, ...]
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    notices: tuple[TableNotice, ...] = ()

    @property
    def staff(self) -> int:
        """How many people work in the communities of the table."""
        return sum(community.staff_count for community in self.communities)


@dataclass(slots=True)
class _Gathered:
    """What has been read so far, to hold later rows against; a column that is absent changes nothing."""

    columns: Sequence[str]
    groups: Sequence[str]
    known: Mapping[str, Community]
    places: Mapping[str, Municipality]
    problems: list[TableError] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    municipalities: dict[str, Municipality] = field(default_factory=dict)
    communities: dict[str, Community] = field(default_factory=dict)
    rows: dict[str, RowReader] = field(default_factory=dict)
    municipality_rows: dict[str, RowReader] = field(default_factory=dict)


def region(session: Session) -> Region:
    """Return today's region with its reporting units."""
    return store.load_region(session)


def municipalities(session: Session) -> tuple[Municipality, ...]:
    """Return every municipality by name."""
    return store.municipalities(session)


def communities(session: Session) -> tuple[Community, ...]:
    """Return every community by name, joined or not."""
    return store.communities(session)


def empty_import_file(groups: Iterable[str], *, kind: str = "xlsx") -> bytes:
    """Return the empty table with a column for each staff group, as `xlsx` or `csv`."""
    header = ("region", *NEEDED, *groups, "joined_to", "contact")
    return table_file(kind, "communities", [header])


def export_organisations(session: Session, groups: Iterable[str], *, kind: str = "xlsx") -> bytes:
    """Return all communities as the table that imports them; importing it changes nothing."""
    known = {municipality.id: municipality for municipality in store.municipalities(session)}
    name = store.load_region(session).name
    rows: list[Sequence[Value]] = [("region", *NEEDED, *groups, "joined_to", "contact", "member")]
    rows += [
        (
            escape_formula(name),
            community.municipality,
            escape_formula(known[community.municipality].name),
            community.id,
            escape_formula(community.name),
            community.kind.value,
            *(community.head_counts.get(group) for group in groups),
            community.joined_to or "",
            escape_formula(community.contact),
            "yes" if known[community.municipality].member else "no",
        )
        for community in store.communities(session)
    ]
    return table_file(kind, "communities", rows)


def check_import(session: Session, content: bytes, *, groups: GroupWords) -> CheckedOrganisations:
    """Tell what importing a table would do, and every fault of it; nothing is stored.

    `groups` are the staff groups that may have a column, each with what it is called. Raises TableImportError for a
    file that is no such table at all.
    """
    table = tabular_reader.read_table(content, rename=column_name_resolver(PLACES, groups))
    _require_header(table, tuple(groups))
    gathered = _Gathered(
        columns=table.columns,
        groups=[group for group in groups if group in table.columns],
        known={community.id: community for community in store.communities(session)},
        places={municipality.id: municipality for municipality in store.municipalities(session)},
    )
    for row in table.rows:
        _read(row, gathered)
    _check_joins(gathered)
    add_look_alike_errors(gathered.rows, gathered.known, column="community_id")
    add_look_alike_errors(gathered.municipality_rows, gathered.places, column="municipality_id")
    return _checked(gathered, table.notices)


def require_no_problems(checked: CheckedOrganisations) -> CheckedOrganisations:
    """Return what was checked, or raise TableImportError with every fault of it."""
    if checked.problems:
        raise TableImportError(checked.problems)
    return checked


def import_organisations(
    session: Session, content: bytes, *, groups: GroupWords, by: AccountId | None, now: datetime
) -> CheckedOrganisations:
    """Import a table, all of it or nothing; raises TableImportError with every fault."""
    checked = require_no_problems(check_import(session, content, groups=groups))
    store.upsert(
        session,
        municipalities=checked.municipalities,
        communities=checked.communities,
        region=(_REGION, checked.region) if checked.region else None,
    )
    audit.add(
        session, AuditEntry(now, by, AuditEvent.ORGANISATIONS_IMPORTED, f"communities:{len(checked.communities)}")
    )
    return checked


def save_community(session: Session, community: Community, *, by: AccountId | None, now: datetime) -> None:
    """Store one community; JoinRefused when it cannot be reported where it is asked to be."""
    everybody = {**{community.id: community for community in store.communities(session)}, community.id: community}
    faults = join_errors_by_community(everybody.values())
    if faults:
        raise JoinRefused(faults.get(community.id, JoinErrorCode.CHAIN))
    store.upsert(session, municipalities=(), communities=[community])
    audit.add(session, AuditEntry(now, by, AuditEvent.ORGANISATIONS_IMPORTED, f"community:{community.id}"))


def _require_header(table: InputTable, groups: Sequence[str]) -> None:
    problems = tabular_reader.column_errors(table, needed=NEEDED, allowed=(*OPTIONAL, *groups))
    if not set(groups) & set(table.columns):
        problems.append(TableError(1, groups[0] if groups else "?", TableErrorCode.MISSING_COLUMN))
    if problems:
        raise TableImportError(problems)


def _read(row: TableRow, gathered: _Gathered) -> None:
    reader = RowReader(row, zone=UTC, problems=gathered.problems)
    _read_region(reader, gathered)
    municipality = _read_municipality(reader, gathered)
    community_id = _short_name(reader, "community_id")
    known = gathered.known.get(community_id)
    read = _head_counts(reader, gathered.groups, known)
    joined_to = reader.read_identifier("joined_to", required=False) or None
    contact = reader.read_one_line_text("contact", longest=254)
    community = Community(
        id=community_id,
        name=reader.read_one_line_text("community", longest=120, required=True),
        municipality=municipality,
        kind=reader.read_choice("kind", CommunityKind),
        head_counts={**known.head_counts, **read} if known else read,
        joined_to=known.joined_to if known and "joined_to" not in gathered.columns else joined_to,
        contact=known.contact if known and "contact" not in gathered.columns else contact,
    )
    if community.id in gathered.communities:
        reader.add_error("community_id", TableErrorCode.REPEATED, community.id)
    gathered.communities[community.id] = community
    gathered.rows[community.id] = reader


def _head_counts(reader: RowReader, groups: Sequence[str], known: Community | None) -> dict[str, int]:
    """Read how many people work in each group; an empty cell is no number, and 0 where there was one before."""
    before = known.head_counts if known else {}
    read = {group: reader.read_whole_number(group, most=MOST_STAFF) for group in groups}
    return {group: number or 0 for group, number in read.items() if number is not None or group in before}


def _read_region(reader: RowReader, gathered: _Gathered) -> None:
    name = reader.read_one_line_text("region", longest=120)
    if name and gathered.regions and match_key(name) != match_key(gathered.regions[0]):
        reader.add_error("region", TableErrorCode.NAMED_OTHERWISE, name, gathered.regions[0])
    if name:
        gathered.regions.append(name)


def _read_municipality(reader: RowReader, gathered: _Gathered) -> str:
    municipality_id = _short_name(reader, "municipality_id")
    name = reader.read_one_line_text("municipality", longest=120, required=True)
    before = gathered.places.get(municipality_id)
    member = match_key(reader.stripped_cell("member")) or ("yes" if before is None or before.member else "no")
    if member not in YES | NO:
        reader.add_error("member", TableErrorCode.UNKNOWN_WORD, member, "yes, no")
    known = gathered.municipalities.setdefault(municipality_id, Municipality(municipality_id, name, member in YES))
    gathered.municipality_rows.setdefault(municipality_id, reader)
    if match_key(known.name) != match_key(name):
        reader.add_error("municipality", TableErrorCode.NAMED_OTHERWISE, name, known.name)
    return municipality_id


def _short_name(reader: RowReader, column: str) -> str:
    value = reader.read_identifier(column)
    if len(value) > 40:
        reader.add_error(column, TableErrorCode.TOO_LONG, value, "40")
    return value


def _check_joins(gathered: _Gathered) -> None:
    for name, fault in join_errors_by_community({**gathered.known, **gathered.communities}.values()).items():
        reader = gathered.rows.get(name)
        if reader is None:  # an earlier joined community, whose target this table joins to another one
            onwards = gathered.known[name].joined_to or ""
            gathered.rows[onwards].add_error("joined_to", TableErrorCode.JOINED_IN_A_CHAIN, name)
        else:
            reader.add_error("joined_to", _JOINS[fault], reader.stripped_cell("joined_to"))


def _checked(gathered: _Gathered, notices: tuple[TableNotice, ...]) -> CheckedOrganisations:
    read = gathered.communities
    known = gathered.known
    moved = {
        name for name, municipality in gathered.municipalities.items() if gathered.places.get(name) != municipality
    }
    changed = {
        name
        for name, community in read.items()
        if name in known and (known[name] != community or community.municipality in moved)
    }
    return CheckedOrganisations(
        region=gathered.regions[0] if gathered.regions else "",
        municipalities=tuple(gathered.municipalities.values()),
        communities=tuple(read.values()),
        problems=tuple(sorted(set(gathered.problems))),
        added=tuple(name for name in read if name not in known),
        changed=tuple(name for name in read if name in changed),
        unchanged=tuple(name for name in read if name in known and name not in changed),
        untouched=tuple(name for name in known if name not in read),
        notices=notices,
    )
