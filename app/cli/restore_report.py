"""Explain what a restore means for rounds, codes, e-mails and accounts."""

from pathlib import Path

from app.core.rounds import RoundState
from app.services import rounds
from app.store.backups import BackupManifest
from app.store.database import Session

RoundStates = dict[int, tuple[str, RoundState]]

_COUNTED = {RoundState.COUNTED, RoundState.RELEASED}
_ALWAYS = (
    "Whoever signed in is signed out.",
    "Messages that were sent since then wait again and go out a second time, with the same codes.",
    "Codes that were drawn since then are unknown: issue them again.",
)


def round_states(session: Session) -> RoundStates:
    """Return the title and state of every round by its number."""
    return {round_.id: (round_.title, round_.state) for round_ in rounds.rounds(session)}


def restore_report(manifest: BackupManifest, aside: Path | None, *, before: RoundStates, after: RoundStates) -> str:
    """Return what to know and do after a restore; `before` and `after` tell of the rounds."""
    lines = [f"The database is as it was on {manifest.made_at}.", *_ALWAYS]
    for number in sorted(before.keys() | after.keys()):
        lines += _round_line(number, before.get(number), after.get(number))
    if aside is None:
        lines.append("The database that was used before is untouched: this one is another.")
    else:
        lines.append(f"What was there before is kept in {aside}: restoring that takes this back. It holds addresses")
        lines.append("and sealed boxes of open rounds: delete it when you are sure.")
    return "\n".join(lines)


def _round_line(number: int, old: tuple[str, RoundState] | None, new: tuple[str, RoundState] | None) -> list[str]:
    if new is None:
        return [f"Round {number} was planned since then and is not here."]
    name = f"Round {number} “{new[0]}”"
    if old is not None and old[1] in _COUNTED and new[1] not in _COUNTED:
        return [
            f"{name} had been counted. Its key is destroyed, so that its boxes, which are here again, can never be",
            "  opened. Its results are only in what is kept aside: take this restore back unless they are of no worth.",
        ]
    if new[1] is RoundState.OPEN:
        return [
            f"{name} is open. Whoever answered since then may answer again: the code is unspent here and",
            "  that ballot is not here, so nobody is counted twice. Tell the staff, who else think that it is done.",
        ]
    return []
