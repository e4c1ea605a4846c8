"""Every text of the code in the catalogues of translations: `./run translate` extracts, sorts and compiles.

The English text is the key of a message, so English needs no catalogue. Nothing in the files depends on the day
or on line numbers: the same code and the same translations give the same bytes.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import polib

from app.config import ROOT

FOLDER = ROOT / "app" / "web" / "translations"
LANGUAGES = ("fi", "sv")
KEYWORDS = ("_l", "lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2")
COLUMNS = 120

Key = tuple[str, str, str]


def path_of(language: str) -> Path:
    """Return where the catalogue of a language lies."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def key(entry: polib.POEntry) -> Key:
    """Return what tells one message from all others."""
    return entry.msgid, entry.msgid_plural or "", entry.msgctxt or ""


def extracted() -> dict[Key, polib.POEntry]:
    """Return every message that the code asks to have translated."""
    with tempfile.TemporaryDirectory() as folder:
        template = Path(folder) / "messages.pot"
        options = [part for word in KEYWORDS for part in ("-k", word)]
        command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", *options]
        subprocess.run([*command, "--no-location", "-o", str(template), "."], cwd=ROOT, check=True)
        return {key(entry): entry for entry in polib.pofile(str(template))}


def kept(language: str) -> polib.POFile:
    """Return the catalogue of a language as it lies on disk; an empty one where there is none."""
    path = path_of(language)
    return polib.pofile(str(path)) if path.exists() else polib.POFile()


def renewed(language: str, wanted: dict[Key, polib.POEntry]) -> polib.POFile:
    """Return a catalogue with the wanted messages and no others, with the translations there are."""
    known = {key(entry): entry for entry in kept(language) if not entry.obsolete}
    fresh = polib.POFile(wrapwidth=COLUMNS)
    fresh.metadata = {
        "Project-Id-Version": "Voimavara",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    for one in sorted(wanted):
        entry = polib.POEntry(
            msgid=wanted[one].msgid,
            msgid_plural=wanted[one].msgid_plural,
            msgctxt=wanted[one].msgctxt,
            msgstr=known[one].msgstr if one in known else "",
            msgstr_plural=known[one].msgstr_plural or {} if one in known else {},
        )
        if entry.msgid_plural and not entry.msgstr_plural:
            entry.msgstr_plural = {0: "", 1: ""}
        fresh.append(entry)
    return fresh


def main() -> int:
    """Renew and compile each catalogue; return how many texts still lack a translation."""
    wanted = extracted()
    lacking = 0
    for language in LANGUAGES:
        catalogue = renewed(language, wanted)
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        catalogue.save(str(path_of(language)))
        catalogue.save_as_mofile(str(path_of(language).with_suffix(".mo")))
        missing = [entry for entry in catalogue if not entry.translated()]
        lacking += len(missing)
        for entry in missing:
            sys.stdout.write(f"{language}: not translated: {entry.msgid}\n")
    return lacking


if __name__ == "__main__":
    sys.exit(bool(main()))
