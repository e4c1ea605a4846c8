"""Count answers gathered elsewhere through the same gate, publish, and keep none of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from app.core import counting
from app.core.disclosure.policy import Policy
from app.core.instruments import Instrument
from app.core.publication import Cell, Level, Publication, State
from app.core.rounds import Certificate, KeyMode, Round, RoundId, RoundKind, RoundState
from app.services.imports import answers, invited
from app.services.imports.sheets import AnswersRefused, Fault, Sheet
from app.store import instruments, organisations, publications, rounds

LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Asking:
    """What is said of a round that was asked elsewhere."""

    title: str
    opened: datetime
    closed: datetime
    kind: RoundKind = RoundKind.SURVEY
    by_group: bool = False
    release: bool = False


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was handed in: the questionnaire with its source, the answers, and who was invited."""

    instrument: Instrument
    source: str
    answered: Sheet
    asked: Sheet


def publish(
    session: Session, gathered: Gathered, *, asking: Asking, policy: Policy, now: datetime, create: bool = False
) -> Publication:
    """Check both files as a whole, count, and store the publication, in the caller's transaction.

    With `create` unknown communities and municipalities are registered. Raises AnswersRefused with
    every fault of both files; then nothing was stored.
    """
    bounds, publication = _counted(session, gathered, asking=asking, policy=policy, now=now, create=create)
    # A region's row is written only where there is none yet; an import never renames the region.
    first = (bounds.region.id, bounds.region.name) if not organisations.load_region(session).name else None
    organisations.upsert(
        session, region=first, municipalities=bounds.new_municipalities, communities=bounds.new_communities
    )
    instruments.keep(session, gathered.instrument, gathered.source)
    number = rounds.add_gathered(session, _round(asking, gathered.instrument, policy, bounds))
    publication = replace(publication, round=number)
    sealed = publications.add(session, publication)
    rounds.set_certificate(session, _certificate(publication, sealed, now))
    if asking.release:
        rounds.set_state(session, number, before=RoundState.COUNTED, after=RoundState.RELEASED)
        publications.set_released(session, number, now=now)
    return publication


@dataclass(frozen=True, slots=True)
class Tried:
    """What an import would do: how much would be counted, told and registered; no figure is in it."""

    counted: int
    invited: int
    told: Mapping[State, int]
    new_communities: tuple[str, ...]
    new_municipalities: tuple[str, ...]


def rehearse(
    session: Session, gathered: Gathered, *, asking: Asking, policy: Policy, now: datetime, create: bool = False
) -> Tried:
    """Check and count as `publish` does, and store nothing; raises AnswersRefused as it does."""
    bounds, publication = _counted(session, gathered, asking=asking, policy=policy, now=now, create=create)
    states = [publication.state(Cell(Level.COMMUNITY, unit.id)) for unit in publication.region.units]
    return Tried(
        counted=publication.counted,
        invited=publication.invited,
        told={state: states.count(state) for state in State},
        new_communities=tuple(one.name for one in bounds.new_communities),
        new_municipalities=tuple(one.name for one in bounds.new_municipalities),
    )


def _counted(
    session: Session, gathered: Gathered, *, asking: Asking, policy: Policy, now: datetime, create: bool
) -> tuple[invited.Boundaries, Publication]:
    """Check everything and count in memory, as a round without a number yet."""
    _require(session, asking)
    bounds, collected = _checked(session, gathered, create=create)
    publication = counting.count(
        collected,
        round=_round(asking, gathered.instrument, policy, bounds),
        instrument=gathered.instrument,
        policy=policy,
        earlier=[one for one in publications.all_released(session) if _is_before(one, asking)],
        counted_at=now,
        issued=0,
    )
    return bounds, publication


def _checked(session: Session, gathered: Gathered, *, create: bool) -> tuple[invited.Boundaries, counting.Collected]:
    """Read both files; what is wrong with either is told together."""
    answered, asked, instrument = gathered.answered, gathered.asked, gathered.instrument
    try:
        bounds = invited.boundaries(session, asked, create=create)
    except AnswersRefused as refusal:
        named = {line.cells.get(answers.COMMUNITY, "") for line in asked.lines}
        raise AnswersRefused([*refusal.faults, *_faults_of(answered, instrument, named)]) from refusal
    names = invited.names_of(session, bounds)
    return bounds, answers.collect(
        answered, instrument=instrument, region=bounds.region, names=names, invited=asked.name
    )


def _faults_of(answered: Sheet, instrument: Instrument, named: set[str]) -> tuple[Fault, ...]:
    try:
        return tuple(answers.faults_in(answered, instrument=instrument, names=named))
    except AnswersRefused as refusal:
        return refusal.faults


def _require(session: Session, asking: Asking) -> None:
    faults = []
    if not asking.title.strip() or len(asking.title) > LONGEST_TITLE:
        faults.append(Fault(_("title"), 0, "", _("a title of 1 to %(most)s letters is needed", most=LONGEST_TITLE)))
    if any(one.title == asking.title for one in rounds.rounds(session)):
        faults.append(
            Fault(
                _("title"), 0, "", _("there is a round “%(title)s” already; choose another title", title=asking.title)
            )
        )
    if asking.closed < asking.opened:
        faults.append(Fault(_("last day"), 0, "", _("the round cannot close before it opened")))
    if faults:
        raise AnswersRefused(faults)


def _round(asking: Asking, instrument: Instrument, policy: Policy, bounds: invited.Boundaries) -> Round:
    return Round(
        id=RoundId(0),
        title=asking.title,
        kind=asking.kind,
        state=RoundState.COUNTED,
        instrument=instrument.id,
        instrument_digest=instrument.digest,
        key_mode=KeyMode.AUTOMATIC,
        opens_at=asking.opened,
        closes_at=asking.closed,
        boundaries=bounds.region,
        by_group=asking.by_group,
        k=policy.k,
    )


def _is_before(earlier: Publication, asking: Asking) -> bool:
    return (earlier.closed_at or earlier.counted_at) <= asking.closed


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
