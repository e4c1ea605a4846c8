"""Count and publish imported answers under the same disclosure rules; no answer is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from app.core import counting
from app.core.accounts import AccountId
from app.core.disclosure.overlaps import OverlappingPublication, find_overlapping_publications
from app.core.disclosure.policy import Policy
from app.core.instruments import Instrument
from app.core.languages import PartlyTranslatedText, Translations
from app.core.publication import Cell, DisclosureState, Level, Publication
from app.core.rounds import Certificate, KeyMode, Round, RoundId, RoundKind, RoundState
from app.core.tables.cells import InputTable
from app.core.tables.errors import TableError, TableErrorCode, TableImportError
from app.core.tables.names import NameIndex
from app.core.text import bad_characters_with_positions, match_key, normal_line
from app.services.imports import answers, invited
from app.store import instruments, organisations, publications, rounds
from app.store import overlaps as store

LONGEST_TITLE = 200
MOST_NAMED = 5  # communities in one sentence


@dataclass(frozen=True, slots=True)
class ImportedRoundDetails:
    """Title, times and other properties of a round that was conducted elsewhere."""

    title: str
    opened: datetime
    closed: datetime
    kind: RoundKind = RoundKind.SURVEY
    by_group: bool = False
    release: bool = False
    title_translations: Translations | None = None
    because: str = ""  # why this replaces an earlier publication of the same people; empty: no replacement allowed


@dataclass(frozen=True, slots=True)
class ImportData:
    """The input of an import: the questionnaire with its source, the answers, and who was invited.

    `not_answered` are options of LimeSurvey that count as not answered: the code of the question and the label.
    """

    instrument: Instrument
    source: str
    answered: InputTable
    asked: InputTable
    not_answered: tuple[tuple[str, str], ...] = ()


def publish_import(
    session: Session,
    data: ImportData,
    *,
    imported: ImportedRoundDetails,
    policy: Policy,
    now: datetime,
    create: bool = False,
    account_id: AccountId | None = None,
) -> Publication:
    """Check both files as a whole, count, and store the publication, in the caller's transaction.

    With `create` unknown communities and municipalities are registered. Raises TableImportError with
    every fault of both files; then nothing was stored. An earlier import of the same people and period
    is replaced where `imported.because` says why. TableImportError too where it does not, or where both
    together would reveal a small set.
    """
    bounds, publication, overlapping = _counted(session, data, imported=imported, policy=policy, now=now, create=create)
    _require_apart(overlapping, imported)
    # A region's row is written only where there is none yet; an import never renames the region.
    first = (bounds.region.id, bounds.region.name) if not organisations.load_region(session).name else None
    organisations.upsert(
        session, region=first, municipalities=bounds.new_municipalities, communities=bounds.new_communities
    )
    instruments.store_source(session, data.instrument, data.source)
    number = rounds.add_for_imported_answers(session, _round(imported, data.instrument, policy, bounds))
    publication = replace(publication, round=number)
    sealed = publications.add(session, publication)
    rounds.set_certificate_and_wiped_flag(session, _certificate(publication, sealed, now))
    if imported.release:
        rounds.try_change_state(session, number, before=RoundState.COUNTED, after=RoundState.RELEASED)
        publications.set_released_and_store_summary(session, number, now=now)
    replaced = [overlap.round for overlap in overlapping if overlap.is_current]
    store.mark_replaced_and_audit(
        session, replaced, by=number, now=now, because=imported.because.strip(), account_id=account_id
    )
    return publication


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do: answers counted, results published and communities added; it contains no result."""

    counted: int
    invited: int
    communities_by_state: Mapping[DisclosureState, int]
    new_communities: tuple[str, ...]
    new_municipalities: tuple[str, ...]
    overlapping: tuple[OverlappingPublication, ...] = ()

    @property
    def publications_to_replace(self) -> tuple[OverlappingPublication, ...]:
        """The publications that it would replace."""
        return tuple(overlap for overlap in self.overlapping if overlap.is_current)


def preview_import(
    session: Session,
    data: ImportData,
    *,
    imported: ImportedRoundDetails,
    policy: Policy,
    now: datetime,
    create: bool = False,
) -> ImportPreview:
    """Check and count as `publish_import` does, and store nothing; raises TableImportError as it does."""
    bounds, publication, overlapping = _counted(session, data, imported=imported, policy=policy, now=now, create=create)
    states = [publication.disclosure_state_of(Cell(Level.COMMUNITY, unit.id)) for unit in publication.region.units]
    return ImportPreview(
        counted=publication.counted,
        invited=publication.invited,
        communities_by_state={state: states.count(state) for state in DisclosureState},
        new_communities=tuple(new_community.name for new_community in bounds.new_communities),
        new_municipalities=tuple(new_municipality.name for new_municipality in bounds.new_municipalities),
        overlapping=overlapping,
    )


def _counted(
    session: Session, data: ImportData, *, imported: ImportedRoundDetails, policy: Policy, now: datetime, create: bool
) -> tuple[invited.ImportedRegion, Publication, tuple[OverlappingPublication, ...]]:
    """Check everything and count in memory, as a round without a number yet."""
    _require(session, imported)
    bounds, ballots = _checked(session, data, create=create)
    sums = counting.sum_ballots(ballots, bounds.region, data.instrument)
    publication = counting.build_publication(
        sums,
        round=_round(imported, data.instrument, policy, bounds),
        instrument=data.instrument,
        policy=policy,
        earlier=[
            publication
            for publication in publications.list_released_not_replaced(session)
            if _is_before(publication, imported)
        ],
        counted_at=now,
        issued=0,
    )
    counts = partial(counting.valid_answers_by_scale, sums, data.instrument)
    found_overlaps = find_overlapping_publications(publication, store.stored_publications(session), counts)
    replaced = {found_overlap.round for found_overlap in found_overlaps if found_overlap.is_current}
    if replaced:  # a correction is not compared with what it corrects
        publication = counting.build_publication(
            sums,
            round=_round(imported, data.instrument, policy, bounds),
            instrument=data.instrument,
            policy=policy,
            earlier=[
                publication
                for publication in publications.list_released_not_replaced(session)
                if _is_before(publication, imported) and publication.round not in replaced
            ],
            counted_at=now,
            issued=0,
        )
    return bounds, publication, found_overlaps


def _require_apart(overlapping: Sequence[OverlappingPublication], imported: ImportedRoundDetails) -> None:
    """Refuse an import that would stand beside another of the same people, or that tells small sets with it."""
    faults = list(filter(None, (overlap_error(overlap, imported) for overlap in overlapping)))
    if faults:
        raise TableImportError(faults)


def overlap_error(overlap: OverlappingPublication, imported: ImportedRoundDetails) -> TableError | None:
    """Return why an import cannot stand beside or in place of an overlapping publication; None if it can."""
    if overlap.broken:
        places = _few(overlap.communities)
        return TableError(0, "", TableErrorCode.TOLD_TOGETHER, overlap.title.main, places, str(overlap.broken))
    return _error_against_current(overlap, imported) if overlap.is_current else None


def _error_against_current(overlap: OverlappingPublication, imported: ImportedRoundDetails) -> TableError | None:
    if overlap.is_imported and overlap.missing:
        return TableError(0, "", TableErrorCode.TAKES_AWAY, overlap.title.main, _few(overlap.missing))
    if overlap.is_imported and imported.because.strip():
        return None
    fault = TableErrorCode.NEEDS_REASON if overlap.is_imported else TableErrorCode.ANSWERED_HERE
    return TableError(0, "", fault, overlap.title.main, _few(overlap.communities))


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


def _checked(
    session: Session, data: ImportData, *, create: bool
) -> tuple[invited.ImportedRegion, counting.OpenedBallots]:
    """Read both files; the errors of both are reported together."""
    answered = data.answered
    asked = data.asked
    instrument = data.instrument
    try:
        bounds = invited.region_from_invited_table(session, asked, create=create)
    except TableImportError as refusal:
        named = invited.community_name_index(asked) if {answers.COMMUNITY} <= set(asked.columns) else None
        raise TableImportError([*refusal.problems, *_faults_of(answered, instrument, named)]) from refusal
    names = invited.unit_name_index(session, bounds)
    return bounds, answers.parse_answers(
        answered, instrument=instrument, region=bounds.region, names=names, invited=asked.name
    )


def _faults_of(answered: InputTable, instrument: Instrument, named: NameIndex[int] | None) -> tuple[TableError, ...]:
    try:
        return tuple(answers.answer_errors(answered, instrument=instrument, names=named))
    except TableImportError as refusal:
        return refusal.problems


def _require(session: Session, imported: ImportedRoundDetails) -> None:
    faults = []
    title = normal_line(imported.title)
    if not all(map(_is_title, (title, *PartlyTranslatedText(title, imported.title_translations).distinct_texts))):
        faults.append(TableError(0, "", TableErrorCode.TITLE_LENGTH, "", str(LONGEST_TITLE)))
    if any(match_key(round_.title) == match_key(title) for round_ in rounds.rounds(session)):
        faults.append(TableError(0, "", TableErrorCode.TITLE_TAKEN, title))
    if imported.closed < imported.opened:
        faults.append(TableError(0, "", TableErrorCode.CLOSES_FIRST))
    if faults:
        raise TableImportError(faults)


def _is_title(title: str) -> bool:
    return bool(title) and len(title) <= LONGEST_TITLE and not bad_characters_with_positions(title)


def _round(
    imported: ImportedRoundDetails, instrument: Instrument, policy: Policy, bounds: invited.ImportedRegion
) -> Round:
    return Round(
        id=RoundId(0),
        title=normal_line(imported.title),
        title_translations=imported.title_translations,
        kind=imported.kind,
        state=RoundState.COUNTED,
        instrument=instrument.id,
        instrument_digest=instrument.digest,
        key_mode=KeyMode.AUTOMATIC,
        opens_at=imported.opened,
        closes_at=imported.closed,
        boundaries=bounds.region,
        by_group=imported.by_group,
        k=policy.k,
    )


def _is_before(earlier: Publication, imported: ImportedRoundDetails) -> bool:
    return (earlier.closed_at or earlier.counted_at) <= imported.closed


def _certificate(publication: Publication, sealed: str, now: datetime) -> Certificate:
    """Certify a count without boxes or codes: there was nothing of them here to erase."""
    return Certificate(
        round=publication.round,
        invited=publication.invited,
        issued=0,
        drawn=0,
        counted=publication.counted,
        unreadable=0,
        counted_at=now,
        key_mode=KeyMode.AUTOMATIC,
        publication_digest=sealed,
        erased_boxes=0,
        erased_codes=0,
        erased_contacts=0,
        cleaned_at=now,
    )
