"""Count answers gathered elsewhere through the same gate, publish, and keep none of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import counting
from app.core.accounts import AccountId
from app.core.disclosure.overlaps import Overlap, overlaps
from app.core.disclosure.policy import Policy
from app.core.instruments import Instrument
from app.core.publication import Cell, DisclosureState, Level, Publication
from app.core.rounds import Certificate, KeyMode, Round, RoundId, RoundKind, RoundState
from app.services.imports import answers, invited
from app.services.imports.csv_reader import AnswerImportError, CellError, CsvTable
from app.store import instruments, organisations, publications, rounds
from app.store import overlaps as store

LONGEST_TITLE = 200
MOST_NAMED = 5  # communities in one sentence


@dataclass(frozen=True, slots=True)
class ImportedRound:
    """What is said of a round that was asked elsewhere."""

    title: str
    opened: datetime
    closed: datetime
    kind: RoundKind = RoundKind.SURVEY
    by_group: bool = False
    release: bool = False
    because: str = ""  # why this replaces an earlier publication of the same people; empty: it must not


@dataclass(frozen=True, slots=True)
class ImportData:
    """What was handed in: the questionnaire with its source, the answers, and who was invited."""

    instrument: Instrument
    source: str
    answered: CsvTable
    asked: CsvTable


def publish_import(
    session: Session,
    data: ImportData,
    *,
    imported: ImportedRound,
    policy: Policy,
    now: datetime,
    create: bool = False,
    account_id: AccountId | None = None,
) -> Publication:
    """Check both files as a whole, count, and store the publication, in the caller's transaction.

    With `create` unknown communities and municipalities are registered. Raises AnswersRefused with
    every fault of both files; then nothing was stored. An earlier import of the same people and period
    is replaced where `asking.because` says why; else, or where both together would tell a small set, the
    import is refused.
    """
    bounds, publication, overlapping = _counted(session, data, imported=imported, policy=policy, now=now, create=create)
    _require_apart(overlapping, imported)
    # A region's row is written only where there is none yet; an import never renames the region.
    first = (bounds.region.id, bounds.region.name) if not organisations.load_region(session).name else None
    organisations.upsert(
        session, region=first, municipalities=bounds.new_municipalities, communities=bounds.new_communities
    )
    instruments.keep(session, data.instrument, data.source)
    number = rounds.add_imported(session, _round(imported, data.instrument, policy, bounds))
    publication = replace(publication, round=number)
    sealed = publications.add(session, publication)
    rounds.set_certificate(session, _certificate(publication, sealed, now))
    if imported.release:
        rounds.set_state(session, number, before=RoundState.COUNTED, after=RoundState.RELEASED)
        publications.set_released(session, number, now=now)
    replaced = [overlap.round for overlap in overlapping if overlap.is_current]
    store.replace_publications(
        session, replaced, by=number, now=now, because=imported.because.strip(), account_id=account_id
    )
    return publication


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What an import would do: how much would be counted, told and registered; no figure is in it."""

    counted: int
    invited: int
    told: Mapping[DisclosureState, int]
    new_communities: tuple[str, ...]
    new_municipalities: tuple[str, ...]
    overlapping: tuple[Overlap, ...] = ()

    @property
    def is_possible(self) -> bool:
        """Whether it may be counted, perhaps in place of an earlier publication."""
        return all(
            not overlap.broken and (overlap.may_be_replaced or not overlap.is_current) for overlap in self.overlapping
        )

    @property
    def replaces(self) -> tuple[Overlap, ...]:
        """The publications that it would replace."""
        return tuple(overlap for overlap in self.overlapping if overlap.is_current)


def preview_import(
    session: Session,
    data: ImportData,
    *,
    imported: ImportedRound,
    policy: Policy,
    now: datetime,
    create: bool = False,
) -> ImportPreview:
    """Check and count as `publish_import` does, and store nothing; raises AnswersRefused as it does."""
    bounds, publication, overlapping = _counted(session, data, imported=imported, policy=policy, now=now, create=create)
    states = [publication.state(Cell(Level.COMMUNITY, unit.id)) for unit in publication.region.units]
    return ImportPreview(
        counted=publication.counted,
        invited=publication.invited,
        told={state: states.count(state) for state in DisclosureState},
        new_communities=tuple(new_community.name for new_community in bounds.new_communities),
        new_municipalities=tuple(new_municipality.name for new_municipality in bounds.new_municipalities),
        overlapping=overlapping,
    )


def _counted(
    session: Session, data: ImportData, *, imported: ImportedRound, policy: Policy, now: datetime, create: bool
) -> tuple[invited.ImportBoundaries, Publication, tuple[Overlap, ...]]:
    """Check everything and count in memory, as a round without a number yet."""
    _require(session, imported)
    bounds, ballots = _checked(session, data, create=create)
    publication = counting.build_publication(
        ballots,
        round=_round(imported, data.instrument, policy, bounds),
        instrument=data.instrument,
        policy=policy,
        earlier=[
            publication for publication in publications.all_released(session) if _is_before(publication, imported)
        ],
        counted_at=now,
        issued=0,
    )
    counts = partial(counting.valid_counts, ballots, region=bounds.region, instrument=data.instrument)
    found_overlaps = overlaps(publication, store.stored_publications(session), counts)
    replaced = {found_overlap.round for found_overlap in found_overlaps if found_overlap.is_current}
    if replaced:  # a correction is not compared with what it corrects
        publication = counting.build_publication(
            ballots,
            round=_round(imported, data.instrument, policy, bounds),
            instrument=data.instrument,
            policy=policy,
            earlier=[
                publication
                for publication in publications.all_released(session)
                if _is_before(publication, imported) and publication.round not in replaced
            ],
            counted_at=now,
            issued=0,
        )
    return bounds, publication, found_overlaps


def _require_apart(overlapping: Sequence[Overlap], imported: ImportedRound) -> None:
    """Refuse an import that would stand beside another of the same people, or that tells small sets with it."""
    reasons = [reason_against(overlap, imported) for overlap in overlapping]
    faults = [CellError(_("overlap"), 0, "", reason) for reason in reasons if reason]
    if faults:
        raise AnswerImportError(faults)


def reason_against(overlap: Overlap, imported: ImportedRound) -> str:
    """Say why an import cannot stand beside or in place of an overlapping publication; empty if it can."""
    if overlap.broken:
        return _told_together(overlap)
    if not overlap.is_current:
        return ""
    if not overlap.is_gathered:
        return _answered_here(overlap)
    if overlap.missing:
        return _takes_away(overlap)
    return "" if imported.because.strip() else _needs_reason(overlap)


def _told_together(overlap: Overlap) -> str:
    reason: str = _(
        "“%(title)s” was printed of the same people and period (%(places)s). Read together, both would tell what a "
        "few people answered (small groups that could be told: %(sets)s). Leave these communities out of the files",
        title=overlap.title,
        places=_few(overlap.communities),
        sets=overlap.broken,
    )
    return reason


def _answered_here(overlap: Overlap) -> str:
    reason: str = _(
        "“%(title)s” was answered in this service by the same people in the same period (%(places)s), and its "
        "results stay. Leave these communities out of the files",
        title=overlap.title,
        places=_few(overlap.communities),
    )
    return reason


def _takes_away(overlap: Overlap) -> str:
    reason: str = _(
        "it would replace “%(title)s”, which also holds %(missing)s: put their answers into the files as well",
        title=overlap.title,
        missing=_few(overlap.missing),
    )
    return reason


def _needs_reason(overlap: Overlap) -> str:
    reason: str = _(
        "“%(title)s” rests on the same people and period (%(places)s). To replace it, say why",
        title=overlap.title,
        places=_few(overlap.communities),
    )
    return reason


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")


def _checked(
    session: Session, data: ImportData, *, create: bool
) -> tuple[invited.ImportBoundaries, counting.OpenedBallots]:
    """Read both files; what is wrong with either is told together."""
    answered = data.answered
    asked = data.asked
    instrument = data.instrument
    try:
        bounds = invited.import_boundaries(session, asked, create=create)
    except AnswerImportError as refusal:
        named = {line.cells.get(answers.COMMUNITY, "") for line in asked.lines}
        raise AnswerImportError([*refusal.faults, *_faults_of(answered, instrument, named)]) from refusal
    names = invited.names_of(session, bounds)
    return bounds, answers.parse_answers(
        answered, instrument=instrument, region=bounds.region, names=names, invited=asked.name
    )


def _faults_of(answered: CsvTable, instrument: Instrument, named: set[str]) -> tuple[CellError, ...]:
    try:
        return tuple(answers.answer_errors(answered, instrument=instrument, names=named))
    except AnswerImportError as refusal:
        return refusal.faults


def _require(session: Session, imported: ImportedRound) -> None:
    faults = []
    if not imported.title.strip() or len(imported.title) > LONGEST_TITLE:
        faults.append(CellError(_("title"), 0, "", _("a title of 1 to %(most)s letters is needed", most=LONGEST_TITLE)))
    if any(round_.title == imported.title for round_ in rounds.rounds(session)):
        faults.append(
            CellError(
                _("title"), 0, "", _("there is a round “%(title)s” already; choose another title", title=imported.title)
            )
        )
    if imported.closed < imported.opened:
        faults.append(CellError(_("last day"), 0, "", _("the round cannot close before it opened")))
    if faults:
        raise AnswerImportError(faults)


def _round(imported: ImportedRound, instrument: Instrument, policy: Policy, bounds: invited.ImportBoundaries) -> Round:
    return Round(
        id=RoundId(0),
        title=imported.title,
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


def _is_before(earlier: Publication, imported: ImportedRound) -> bool:
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
