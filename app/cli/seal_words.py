"""Messages of commands about a publication that does not match its seal."""

from app.store.publication_seals import SealFault, SealProblem

REMEDY = (
    "Somebody or something changed the database. Find out who could; ./run flask restore goes back to a backup that "
    "./run flask results verify finds whole."
)
_WORDS = {
    SealFault.HEADER_CHANGED: "the header was changed",
    SealFault.PART_CHANGED: "the part {place} was changed",
    SealFault.PART_MISSING: "the part {place} is missing",
    SealFault.PART_ADDED: "the part {place} was added",
    SealFault.COLUMN_CHANGED: "the column {place} differs from the header",
    SealFault.OTHER_CERTIFICATE: "the certificate of the count names another fingerprint",
    SealFault.OTHER_TEXT: "the whole text is not the one that was sealed",
    SealFault.UNREADABLE: "the header cannot be read",
}


def seal_problem_text(problem: SealProblem) -> str:
    """Return the English description of a seal problem, without the round and the full stop."""
    return _WORDS[problem.fault].format(place=problem.place)
