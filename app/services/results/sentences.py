"""What a reading says in sentences, in the language of the page; numbers never stand alone."""

from statistics import median

from flask_babel import gettext as _
from flask_babel import ngettext

from app.core.publication import Change, Level, Placement
from app.services.results.numbers import band, mean_and_interval, number, share, signed
from app.services.results.readings import Against, Reading, Row

CLAIM = 5.0  # a change that people hope to see; below this nothing is ever called clear


def guide(reading: Reading) -> list[str]:
    """Return the reading guide: how many answered, and what may not be concluded."""
    return [*answered(reading), *_of_the_silent(reading), *visible_change(reading), _comparisons(reading)]


def answered(reading: Reading) -> list[str]:
    """Say how many answered, in bands."""
    part = reading.participation
    if part is None or part.answers_band is None:
        return [_("How many answered is not told, since they were few.")]
    words = [_("%(band)s people answered.", band=band(part.answers_band))]
    if part.everyone_answered:
        words.append(_("Everyone who was invited answered, so the means are those of the whole staff now."))
    elif part.response_band is not None:
        invited = part.invited
        told = {"share": band(part.response_band), "invited": invited}
        words.append(
            _("They are %(share)s per cent of the %(invited)s who were invited.", **told)
            if invited is not None
            else _("They are %(share)s per cent of those who were invited.", share=told["share"])
        )
    if part.covers is not None and part.covers[0] < part.covers[1]:
        told = {"counted": part.covers[0], "all": part.covers[1]}
        words.append(
            _("The figures cover %(counted)s of %(all)s communities; the others count only further up.", **told)
        )
    return words


def _of_the_silent(reading: Reading) -> list[str]:
    part = reading.participation
    if part is None or part.everyone_answered or not part.silent_shift:
        return []
    return [
        _(
            "What the others think is not known. Had they answered 10 per cent of the range lower, "
            "the means of the whole staff would be at most %(shift)s per cent of the range lower.",
            shift=f"{part.silent_shift:g}",
        )
    ]


def visible_change(reading: Reading) -> list[str]:
    """Say the least change that a next round of this size could see."""
    seen = [(row, row.figure.smallest_change) for row in reading.shown]
    known = [(row.measure, change) for row, change in seen if change is not None]
    whole = [change for measure, change in known if measure.decimals == 0]
    if not known:
        return []
    measure = known[0][0]
    typical = median(whole or [change for _measure, change in known])
    words = _(
        "A change smaller than about %(least)s points cannot be told from chance here.", least=number(typical, measure)
    )
    if whole and typical > CLAIM:
        words += " " + _("A change of %(claim)s points could not be seen here.", claim=number(CLAIM, measure))
    return [words]


def _comparisons(reading: Reading) -> str:
    count = len(reading.shown)
    return str(
        ngettext(
            "One scale is read here.",
            "%(num)s scales are read here: by chance alone one of them may seem to stand out.",
            count,
        )
    )


def standing_out(row: Row) -> str:
    """Say a scale's mean and interval, and how it lies against the region."""
    told = {"title": row.title, "mean": mean_and_interval(row.figure, row.measure)}
    words = _("%(title)s: %(mean)s.", **told)
    return f"{words} {against(row)}".strip()


def against(row: Row) -> str:
    """Say how a scale lies against the region; "no clear difference" is an answer."""
    if row.region is None or row.region.mean is None:
        return ""
    told = {"mean": number(row.region.mean, row.measure)}
    if row.against is Against.UNKNOWN:
        return str(_("The region's mean is %(mean)s.", **told))
    if row.against is Against.NO_DIFFERENCE:
        return str(_("No clear difference from the region (%(mean)s).", **told))
    higher = row.against is Against.HIGHER
    better = higher == row.high_is_good
    if higher:
        return str(
            _("Higher than the region (%(mean)s), which is good.", **told)
            if better
            else _("Higher than the region (%(mean)s), which is a strain.", **told)
        )
    return str(
        _("Lower than the region (%(mean)s), which is good.", **told)
        if better
        else _("Lower than the region (%(mean)s), which is a strain.", **told)
    )


def trend(row: Row, since: str | None) -> str:
    """Say what can be said of the change since the round before: clear, possible, or cannot tell."""
    if not row.past:
        return str(_("This was asked for the first time."))
    if row.trend is None:
        broken = row.past[-1].figure is not None
        return str(_("The questions changed, so the rounds cannot be compared.") if broken else _("No earlier number."))
    change = row.trend
    told = {
        "change": signed(change.difference, row.measure),
        "low": signed(change.interval[0], row.measure),
        "high": signed(change.interval[1], row.measure),
        "since": since or row.past[-1].title,
    }
    if change.label is Change.CANNOT_TELL:
        return str(_("Cannot tell whether it changed: %(change)s (between %(low)s and %(high)s).", **told))
    better = (change.difference > 0) == row.high_is_good
    if change.label is Change.POSSIBLE:
        return str(
            _("Possibly better: %(change)s (between %(low)s and %(high)s).", **told)
            if better
            else _("Possibly worse: %(change)s (between %(low)s and %(high)s).", **told)
        )
    return str(
        _("Clearly better: %(change)s (between %(low)s and %(high)s).", **told)
        if better
        else _("Clearly worse: %(change)s (between %(low)s and %(high)s).", **told)
    )


def placement(row: Row) -> str:
    """Say where a small community lies, without a number."""
    place = row.figure.placement
    if place is None:
        return str(_("Nothing can be said."))
    if place is Placement.SAME:
        return str(_("About the same as the region"))
    good = (place is Placement.ABOVE) == row.high_is_good
    if place is Placement.ABOVE:
        return str(_("Clearly above the region, which is good") if good else _("Clearly above the region, a strain"))
    return str(_("Clearly below the region, which is good") if good else _("Clearly below the region, a strain"))


def direction(row: Row) -> str:
    """Say which end is good, where it is not the high one."""
    return "" if row.high_is_good else str(_("low is good"))


def title_of_intervals(reading: Reading) -> str:
    """Say the first chart in a sentence."""
    if not reading.strongest:
        return str(_("Results by dimension"))
    told = {"best": reading.strongest[0].title, "worst": reading.weakest[0].title}
    return str(_("%(best)s holds best, %(worst)s asks for most attention", **told))


def title_of_shares(rows: tuple[Row, ...]) -> str:
    """Say the shares in a sentence."""
    best = max(rows, key=_favourable)
    told = {"title": best.title, "share": share(_favourable(best))}
    return str(_("Most favourable answers: %(title)s, %(share)s", **told))


def _favourable(row: Row) -> int:
    shares = row.figure.distribution
    if shares is None:
        return 0
    return shares.high if row.high_is_good else shares.low


def title_of_trends(reading: Reading) -> str:
    """Say what changed, in a sentence; "cannot tell" is a result."""
    changes = [row.trend for row in reading.shown if row.trend is not None]
    clear = [change for change in changes if change.label is Change.CLEAR]
    if not changes:
        return str(_("There is nothing to compare with yet"))
    if not clear:
        return str(_("No clear change since %(since)s", since=reading.last_title))
    return str(
        ngettext(
            "One clear change among %(all)s scales since %(since)s",
            "%(num)s clear changes among %(all)s scales since %(since)s",
            len(clear),
            all=len(changes),
            since=reading.last_title,
        )
    )


def title_of_plane(reading: Reading) -> str:
    """Say the balance of demands and control in a sentence."""
    balance = reading.balance
    if balance is None or balance.interval is None:
        return str(_("Demands and control"))
    low, high = balance.interval
    if low > 0:
        return str(_("Control outweighs demands"))
    return str(_("Demands outweigh control") if high < 0 else _("Demands and control are about even"))


def own_words(reading: Reading) -> str:
    """Return what the cell is called in a legend."""
    return {
        Level.COMMUNITY: str(_("Our community")),
        Level.MUNICIPALITY: str(_("Municipality")),
        Level.REGION: str(_("Region")),
    }[reading.cell.level]
