"""Forms for planning a round and entering key backups."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, StopValidation

from app.core.instruments import Instrument
from app.core.rounds import KeyMode, Round
from app.core.survey_calendar import SurveyConflict, SurveyDays
from app.core.working_days import same_or_next_working_day
from app.web.shared.app_context import settings, today
from app.web.shared.forms import Form
from app.web.shared.languages import language
from app.web.shared.seen_digest import seen_digest
from app.web.shared.translated_texts import field_values
from app.web.staff.round_titles import RoundTitleForm

LAST_MINUTE = time(23, 59)
MAX_SHEET_BYTES = 4096


class PlanForm(RoundTitleForm):
    """Form with everything that is decided before a round opens."""

    instrument = SelectField(_("Questionnaire"))
    opens_on = DateField(_("First day to answer"), [InputRequired(_("Choose a day."))])
    closes_on = DateField(
        _("Last day to answer"),
        [InputRequired(_("Choose a day."))],
        description=_("Two weeks are usually enough. Answers are accepted until midnight."),
    )
    key_mode = RadioField(
        _("Who keeps the key of the ballot box?"),
        choices=[
            SelectChoice(
                KeyMode.TRUSTEE.value,
                _(
                    "A trustee, on paper. When the round opens, the key is shown once and printed. Without the key "
                    "sheet no one can open the ballot box, not even the administrator. If the sheet is lost, the "
                    "answers of the round are lost."
                ),
            ),
            SelectChoice(
                KeyMode.AUTOMATIC.value,
                _(
                    "This service, in a file outside the database. The round opens, closes and is counted "
                    "automatically. The service operator could read the answers, and respondents are told so."
                ),
            ),
        ],
        default=KeyMode.TRUSTEE.value,
    )
    by_group = BooleanField(
        _(
            "Also show means by staff group within a community and within a municipality. Leave this off unless there "
            "is a reason: more figures then have to be withheld so that no one can be identified."
        ),
    )

    comments = BooleanField(
        _(
            "Also ask for a comment in the respondent’s own words. Comments can be read only where at least "
            "ten people in a community wrote one, and only after you have checked them for names."
        ),
    )

    is_confirmed = BooleanField(_("Ask the same people again nevertheless"))
    seen = HiddenField()
    conflict = SurveyConflict(())

    def __init__(self, instruments: Sequence[Instrument], start: Mapping[str, Any] | None = None, **more: Any):
        super().__init__(data={**_usual_days(), **(start or {})}, **more)
        self.instrument.choices = [
            SelectChoice(instrument.id, f"{instrument.title.in_language(language())} ({instrument.version})")
            for instrument in instruments
        ]

    def validate_closes_on(self, field: DateField) -> None:
        """Reject a last day that is before the first one or in the past."""
        if field.data and field.data < today():
            field.errors = [*field.errors, _("This day has passed. Choose a later one.")]
        if field.data and self.opens_on.data and field.data < self.opens_on.data:
            field.errors = [*field.errors, _("The last day is before the first. Change one of them.")]

    def survey_days(self) -> SurveyDays:
        """Return the days on which the planned round can be answered."""
        return SurveyDays(self.written_title().main, self.opens_on.data, self.closes_on.data)

    def store_conflict_and_check_unconfirmed(self, conflict: SurveyConflict) -> bool:
        """Tell whether other surveys are so close in time that the plan needs a confirmation.

        Remembers them for the page.
        """
        self.conflict = conflict
        return bool(conflict.nearby) and not self.is_confirmed.data

    def opening_and_closing(self) -> tuple[datetime, datetime]:
        """Return opening and closing time in the installation's time zone."""
        zone = ZoneInfo(settings().time_zone)
        return (
            datetime.combine(self.opens_on.data, time(0, 0), zone),
            datetime.combine(self.closes_on.data, LAST_MINUTE, zone),
        )


def form_values_of_planned_round(round_: Round) -> dict[str, Any]:
    """Return what the form shows of a round that is planned."""
    zone = ZoneInfo(settings().time_zone)
    return {
        **form_values_for_round_copy(round_),
        **field_values("title", round_.translated_title),
        "opens_on": round_.opens_at.astimezone(zone).date(),
        "closes_on": round_.closes_at.astimezone(zone).date(),
        "seen": seen_digest(round_),
    }


def form_values_for_round_copy(round_: Round) -> dict[str, Any]:
    """Return what a new round takes over from another one: everything but its title and its days."""
    return {
        "instrument": round_.instrument,
        "key_mode": round_.key_mode.value,
        "by_group": round_.by_group,
        "comments": round_.comments,
    }


def _usual_days() -> dict[str, date]:
    """Return two whole weeks from Monday on as a first suggestion; days off move to the next working day."""
    day = today()
    monday = day + timedelta(days=7 - day.weekday())
    first = same_or_next_working_day(monday)
    return {"opens_on": first, "closes_on": same_or_next_working_day(first + timedelta(days=11))}


class KeySheetsForm(Form):
    """Form for the words of a key backup, or of both halves of a split one."""

    first = TextAreaField(
        _("Words of the key sheet"),
        description=_("Twenty words on four lines, as on the sheet, or the content of its QR code."),
        render_kw={"autocomplete": "off", "spellcheck": "false", "rows": 5},
    )
    second = TextAreaField(
        _("Words of the second sheet"),
        description=_("Only if the key was split in two."),
        render_kw={"autocomplete": "off", "spellcheck": "false", "rows": 5},
    )
    files = MultipleFileField(
        _("Or the words in a text file"),
        description=_(
            "One file for each sheet. The file is read but not stored; delete it from the computer afterwards."
        ),
        render_kw={"accept": ".txt,text/plain"},
    )

    def validate_first(self, field: TextAreaField) -> None:
        """Require words, typed or in a file."""
        if not (field.data or "").strip() and not any(self.files.data or ()):
            raise StopValidation(_("Type the words of the sheet, or choose the file that contains them."))

    def texts(self) -> tuple[str, ...]:
        """Return the texts entered, scanned or uploaded, one for each backup."""
        sent = [item.read(MAX_SHEET_BYTES).decode("utf-8", "replace") for item in self.files.data or () if item]
        return tuple(text for text in (self.first.data, self.second.data, *sent) if text and text.strip())
