"""Select the rounds of a data package: drafts and released rounds."""

from sqlalchemy.orm import Session

from app.core.data_package import OmittedRound
from app.core.rounds import Round, RoundId, RoundKind, RoundState
from app.store import publications, rounds


def exported_round_ids(session: Session) -> tuple[RoundId, ...]:
    """Return the rounds that a data package holds, in the order of their numbers."""
    return tuple(sorted(round_.id for round_ in _chosen(session)))


def omitted_rounds(session: Session) -> tuple[OmittedRound, ...]:
    """Return the rounds that a data package leaves out.

    The ballots of an open or closed round are sealed with keys that stay here, and results that were not released
    must not leave the installation.
    """
    chosen = set(exported_round_ids(session))
    return tuple(
        OmittedRound(each.id, each.translated_title) for each in rounds.rounds(session) if each.id not in chosen
    )


def _chosen(session: Session) -> list[Round]:
    found = {each_round.id: each_round for each_round in rounds.rounds(session)}
    unwiped = set(rounds.unwiped_rounds(session))
    chosen = {number: each for number, each in found.items() if _is_exportable(each) and number not in unwiped}
    replaced = publications.replacements_by_round(session)
    return [each for number, each in chosen.items() if number not in replaced or replaced[number].by in chosen]


def _is_exportable(round_: Round) -> bool:
    if round_.state is RoundState.DRAFT:
        return round_.kind is RoundKind.SURVEY
    return round_.state is RoundState.RELEASED
