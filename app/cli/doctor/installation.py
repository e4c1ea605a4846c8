"""Check the configuration of an installation: settings, time, secrets and questionnaires."""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.cli.doctor.findings import CheckResult, Severity, fail, ok, warn
from app.config import Settings, unknown_settings
from app.core.instruments import (
    Instrument,
    InvalidQuestionnaire,
    comparable_scales,
    continued_items,
    items_with_changed_lead_in,
    version_numbers,
)
from app.core.languages import Language
from app.store.instruments import read_questionnaire_file

SHORTEST_TOKEN = 16
OTHERS = 0o077
VERSION_IN_ID = r"(_\d+)+$"


def check_settings(settings: Settings, _now: datetime) -> Iterator[CheckResult]:
    """Check the settings that must be made before real people answer."""
    yield ok(f"Settings are read from {settings.instance / 'config.py'} and variables VOIMAVARA_…")
    for name in unknown_settings(settings.instance):
        yield fail(f"{name} is no setting of this service, so it changes nothing.", "app/config.py lists them all.")
    yield from _check_base_url(settings)
    for name in ("contact", "controller"):
        if not getattr(settings, name):
            purpose = "what respondents are told before the first question"
            yield warn(f"{name.upper()} is empty; it is part of {purpose}.", f"Set {name.upper()}.")
    if settings.default_language not in set(Language):
        yield fail(
            f"{settings.default_language} is no language of this service.", "Set DEFAULT_LANGUAGE to fi, sv or en."
        )
    if 0 < len(settings.metrics_token) < SHORTEST_TOKEN:
        yield fail("METRICS_TOKEN can be guessed.", "Set one of 16 letters or more: openssl rand -hex 16")


def _check_base_url(settings: Settings) -> Iterator[CheckResult]:
    address = urlsplit(settings.base_url)
    local = address.hostname in {"127.0.0.1", "localhost", "::1"}
    if address.scheme != "https" and not local:
        yield fail(f"The service is reached without encryption: {settings.base_url}", "Serve it over https.")
    if address.scheme == "https" and not settings.secure_cookies:
        yield fail("Cookies of the staff area may leave encrypted pages.", "Set SECURE_COOKIES = True.")
    if address.scheme == "https" and not settings.proxies:
        what = "Everybody seems to come from one address, that of the server in front, and guesses slow everybody down."
        yield warn(what, "Set PROXIES = 1 where one server, such as nginx, stands in front.")
    if local:
        yield warn(f"Links and slips point to {settings.base_url}.", "Set BASE_URL to the public address.")


def check_time_zone(settings: Settings, _now: datetime) -> Iterator[CheckResult]:
    """Check that the configured time zone is known on this host."""
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        what = f"The time zone {settings.time_zone} is not known on this host."
        yield fail(what, "Set TIME_ZONE, such as Europe/Helsinki; where zones are missing: apt-get install tzdata")
    else:
        yield ok(f"Days begin and end as in {settings.time_zone}.")


def check_secret_file_permissions(settings: Settings, _now: datetime) -> Iterator[CheckResult]:
    """Look at who may read what must stay secret, and whether this account may."""
    wanted = {settings.instance / "secret": 0o600, settings.keys: 0o700}
    if settings.effective_database_url.startswith("sqlite:///"):
        wanted[Path(settings.effective_database_url.removeprefix("sqlite:///"))] = 0o600
    for path, most in wanted.items():
        if path.exists():
            yield _readable_by_others(path, most)
        else:
            yield fail(f"{path} is missing.", "Put it back from where it is kept; a new one opens nothing.")
    for path in (settings.instance / "config.py", *sorted(settings.keys.glob("*.key"))):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & OTHERS:
            yield _readable_by_others(path, 0o600)
    if not os.access(settings.instance, os.W_OK) or settings.instance.stat().st_uid not in {os.geteuid(), 0}:
        what = f"{settings.instance} belongs to another account than the one that asks."
        yield warn(what, "Run this as the account that serves: sudo -u voimavara ./run flask doctor")


def _readable_by_others(path: Path, most: int) -> CheckResult:
    if stat.S_IMODE(path.stat().st_mode) & ~most:
        return fail(f"Other accounts of this machine can reach {path}.", f"chmod {most:o} {path}")
    return ok(f"{path} is its owner's alone.")


def check_questionnaires(settings: Settings, _now: datetime) -> Iterator[CheckResult]:
    """Read every questionnaire."""
    files = sorted(settings.surveys.glob("*.toml"))
    if not files:
        yield fail(f"There is no questionnaire in {settings.surveys}.", "Set SURVEYS to the folder where they are.")
    sound = []
    for path in files:
        try:
            instrument = read_questionnaire_file(path)
        except InvalidQuestionnaire as refused:
            yield fail(f"{path.name} cannot be used.", str(refused))
        else:
            state = Severity.GOOD if instrument.has_all_texts else Severity.ODD
            remedy = "" if instrument.has_all_texts else "It has no sentences yet; no round can be opened with it."
            yield CheckResult(
                state, f"{path.name}: {len(instrument.items)} items, {len(instrument.scales)} scales.", remedy
            )
            sound.append((path.name, instrument))
    yield from _versions(sound)
    yield from _lead_ins(sound)


def _versions(sound: Sequence[tuple[str, Instrument]]) -> Iterator[CheckResult]:
    """Say what continues and what begins anew between two versions of one questionnaire."""
    for (name, instrument), (other_name, other) in combinations(sound, 2):
        if _family(instrument) != _family(other):
            continue
        (older_name, older), (newer_name, newer) = sorted(
            ((name, instrument), (other_name, other)), key=lambda entry: version_numbers(entry[1].version)
        )
        scales = comparable_scales(older, newer)
        anew = [scale.id for scale in newer.scales if scale.id not in scales]
        moved = items_with_changed_lead_in(newer, older)
        about = f"{newer_name} ({newer.version}) is another version of {older_name} ({older.version})."
        sentences = [
            f"{about} Compared with each other: {len(continued_items(older, newer))} items",
            f"scales {', '.join(scales) or 'none'}. Beginning anew: {', '.join(anew) or 'nothing'}.",
        ]
        lead_ins = f" Under other lead-ins, so not compared: {', '.join(moved)}." if moved else ""
        yield ok("; ".join(sentences) + lead_ins)


def _family(instrument: Instrument) -> str:
    """Return what the ids of all versions of a questionnaire begin with.

    >>> [re.sub(VERSION_IN_ID, "", name) for name in ("wellbeing", "wellbeing_2026_2", "bat_12x")]
    ['wellbeing', 'wellbeing', 'bat_12x']
    """
    return re.sub(VERSION_IN_ID, "", instrument.id)


def _agrees_with_another_version(
    instrument: Instrument, other: Instrument, sound: Sequence[tuple[str, Instrument]]
) -> bool:
    """Tell whether `instrument` repeats items of another version of `other`, all under that one's lead-ins.

    A pulse belongs to one version of a survey. That another version asks the same under another lead-in is no fault.
    """
    versions = [candidate for _name, candidate in sound if _family(candidate) == _family(other)]
    return any(
        continued_items(candidate, instrument) and not items_with_changed_lead_in(instrument, candidate)
        for candidate in versions
        if candidate.id not in {other.id, instrument.id}
    )


def _lead_ins(sound: Sequence[tuple[str, Instrument]]) -> Iterator[CheckResult]:
    """Name the items that two questionnaires ask in the same words, but under other lead-ins.

    Two versions of one questionnaire, and a pulse that follows another version, are left out.
    """
    for (name, instrument), (other_name, other) in combinations(sound, 2):
        short, long = sorted((instrument, other), key=lambda each: len(each.items))
        if _family(instrument) == _family(other) or _agrees_with_another_version(short, long, sound):
            continue
        apart = items_with_changed_lead_in(instrument, other)
        if apart:
            yield warn(
                f"{name} and {other_name} ask {', '.join(apart)} in the same words under other lead-ins.",
                "No line joins their results. Give the pages the same introduction where one should.",
            )
