"""All pages of a questionnaire in one language, rendered once and cached."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flask import current_app, get_template_attribute, render_template
from flask_babel import gettext as _
from markupsafe import Markup

from app.core.instruments import Instrument, Item, Theme
from app.core.languages import Language
from app.web.respondent.answer_state import COMMENT_LENGTH, DECLINED, OPEN, SIGNS, AnswerState
from app.web.respondent.page_cache import CompiledPage, compile_rendered_page, escape_bytes, placeholder
from app.web.respondent.steps import CHECK, COMMENT, COMMENT_AGAIN, PageOrder, Step, page_order, theme_step

EXTENSION = "voimavara.booklets"
CHECKED = b" checked"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One question of the check page: its text, its slot, and the field on its own page."""

    text: str
    slot: str
    field: str


@dataclass(frozen=True, slots=True)
class CheckSection:
    """One part of the check page: a heading, its questions, and where to change them."""

    title: str
    step: Step
    rows: tuple[CheckRow, ...]


@dataclass(frozen=True, slots=True)
class UnansweredQuestions:
    """The check page's list of unanswered questions, or the text that there are none."""

    listed: CompiledPage
    rows: Mapping[int, bytes]
    group: bytes
    none: bytes

    def html_for_state(self, state: AnswerState) -> bytes:
        """Return the HTML list of the unanswered questions; those declined on purpose are left out."""
        rows = [row for at, row in self.rows.items() if state.marks[at] == OPEN]
        if not state.group:
            rows.append(self.group)
        still_open = b"".join(rows)
        return self.listed.fill({"rows": still_open}) if still_open else self.none


@dataclass(frozen=True, slots=True)
class QuestionnairePages:
    """The compiled pages of one questionnaire, the items that each asks, and the option labels of the check page."""

    language: Language
    steps: PageOrder
    pages: Mapping[Step, CompiledPage]
    asked: Mapping[Step, tuple[int, ...]]
    labels: tuple[Mapping[str, bytes], ...]
    group_labels: Mapping[str, bytes]
    open_questions: UnansweredQuestions

    def answer_slot_values(self, step: Step, state: AnswerState) -> dict[str, bytes]:
        """Return the earlier answers as values for the slots of a page."""
        return self._labels(state) if step == CHECK else self._choices(step, state)

    def _labels(self, state: AnswerState) -> dict[str, bytes]:
        own = {f"a{at}": self.labels[at][mark] for at, mark in enumerate(state.marks)}
        own["a-group"] = self.group_labels[state.group]
        own["open"] = self.open_questions.html_for_state(state)
        own["a-comment"] = b"<dd>%s</dd>" % escape_bytes(state.comment) if state.comment else self.group_labels[""]
        return own

    def _choices(self, step: Step, state: AnswerState) -> dict[str, bytes]:
        own = {f"q{at}{state.marks[at]}": CHECKED for at in self.asked.get(step, ())}
        own[f"group{state.group}"] = CHECKED
        own["comment"] = escape_bytes(state.comment)
        return own


def questionnaire_pages(
    instrument: Instrument, language: Language, *, comments: bool, self_assessment: bool = False
) -> QuestionnairePages:
    """Return the pages, compiled on first use; call it only in a request in `language`."""
    kept: dict[tuple[str, Language, bool, bool, int], QuestionnairePages] = current_app.extensions.setdefault(
        EXTENSION, {}
    )
    # In a community's first survey the same questionnaire has fewer pages.
    key = (instrument.digest, language, comments, self_assessment, len(instrument.themes))
    if key not in kept:
        kept[key] = _print(instrument, language, comments=comments, self_assessment=self_assessment)
    return kept[key]


def _print(instrument: Instrument, language: Language, *, comments: bool, self_assessment: bool) -> QuestionnairePages:
    address = "self-assessment/answer" if self_assessment else "answer"
    steps = page_order(instrument, comments=comments)
    positions = {item.id: at for at, item in enumerate(instrument.items)}

    def render(template: str, step: Step, **values: object) -> CompiledPage:
        number = steps.page_number(step)
        if self_assessment:
            progress = _("Self-assessment, page %(page)s of %(pages)s", page=number, pages=steps.numbered_page_count)
        else:
            progress = _("Page %(page)s of %(pages)s", page=number, pages=steps.numbered_page_count)
        shared = {
            "progress": progress,
            "page": number,
            "pages": steps.numbered_page_count,
            "slot": placeholder,
            "state": placeholder("state"),
            "timeout": placeholder("timeout"),
            "there": address,
            "self_assessment": self_assessment,
        }
        return compile_rendered_page(render_template(f"respondent/{template}.html", **shared, **values))

    pages = {theme_step(theme.id): _theme(theme, instrument, positions, render) for theme in instrument.themes}
    if comments:
        pages[COMMENT] = render("comment", COMMENT, limit=COMMENT_LENGTH, failing=None)
        failing = _("Shorten your comment to at most %(count)s characters.", count=COMMENT_LENGTH)
        pages[COMMENT_AGAIN] = render("comment", COMMENT, limit=COMMENT_LENGTH, failing=failing)
    sections = _sections(instrument, positions, language, comments=comments)
    pages[CHECK] = render("check", CHECK, sections=sections)
    open_label = {OPEN: _unanswered(_("Not answered")), DECLINED: _unanswered(_("Skipped"))}
    return QuestionnairePages(
        language=language,
        steps=steps,
        pages=pages,
        asked={theme_step(theme.id): tuple(positions[item] for item in theme.items) for theme in instrument.themes},
        labels=tuple({**open_label, **_labels(item, language)} for item in instrument.items),
        group_labels={
            "": open_label[OPEN],
            DECLINED: open_label[DECLINED],
            **{SIGNS[at]: _answered(group.name.in_language(language)) for at, group in enumerate(instrument.groups)},
        },
        open_questions=_open_questions(sections, address),
    )


def _open_questions(sections: Sequence[CheckSection], address: str) -> UnansweredQuestions:
    macro = partial(get_template_attribute, "respondent/check_parts.html")
    row = macro("open_row")
    rows = {
        int(one.slot.removeprefix("a")): row(section.step, one, address).encode()
        for section in sections
        for one in section.rows
        if one.field.startswith("q")
    }
    group = [
        row(section.step, one, address).encode() for section in sections for one in section.rows if one.field == "group"
    ]
    return UnansweredQuestions(
        listed=compile_rendered_page(macro("open_questions")(placeholder)),
        rows=rows,
        group=b"".join(group),
        none=macro("nothing_open")().encode(),
    )


def _theme(
    theme: Theme, instrument: Instrument, positions: Mapping[str, int], render: Callable[..., CompiledPage]
) -> CompiledPage:
    questions = [(positions[item_id], instrument.items[positions[item_id]]) for item_id in theme.items]
    groups = instrument.groups if theme is instrument.themes[-1] else ()
    return render("theme", theme_step(theme.id), theme=theme, questions=questions, signs=SIGNS, groups=groups)


def _sections(
    instrument: Instrument, positions: Mapping[str, int], language: Language, *, comments: bool
) -> list[CheckSection]:
    sections = [
        CheckSection(
            title=theme.title.in_language(language),
            step=theme_step(theme.id),
            rows=tuple(
                CheckRow(instrument.item(item).text.in_language(language), f"a{positions[item]}", f"q{positions[item]}")
                for item in theme.items
            ),
        )
        for theme in instrument.themes
    ]
    if instrument.groups:
        row = CheckRow(_("Which group do you belong to?"), "a-group", "group")
        sections.append(CheckSection(_("Your work"), theme_step(instrument.themes[-1].id), (row,)))
    if comments:
        question = _("What would you change first in your community’s work?")
        sections.append(CheckSection(_("In your own words"), COMMENT, (CheckRow(question, "a-comment", "comment"),)))
    return sections


def _labels(item: Item, language: Language) -> dict[str, bytes]:
    return {SIGNS[at]: _answered(option.label.in_language(language)) for at, option in enumerate(item.options)}


def _answered(text: str) -> bytes:
    return escape_bytes(Markup("<dd>{}</dd>").format(text))


def _unanswered(text: str) -> bytes:
    return escape_bytes(Markup('<dd class="unanswered">{}</dd>').format(text))
