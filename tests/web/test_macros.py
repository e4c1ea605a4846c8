"""The parts that templates put together, as a form of the staff wing would use them."""

import pytest
from flask import render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Form, RadioField, SelectMultipleField, StringField, TextAreaField, validators, widgets

PAGE = """{% from "shared/macros.html" import field, error_summary, button, notice, empty, pagination %}
{{ error_summary(form) }}
{% for one in form %}{{ field(one) }}{% endfor %}{{ field(form.name, hint="As in the register") }}
{{ button("Save") }}{{ notice("warning", "Mind <this>") }}{{ empty("Nothing yet") }}"""


class Everything(Form):
    name = StringField("Name", [validators.InputRequired("Write the name.")])
    text = TextAreaField("Text", description="A few words")
    sure = BooleanField("I am sure", [validators.InputRequired("Tick this.")])
    kind = RadioField("Kind", choices=["First", "Second"], validators=[validators.InputRequired("Choose.")])
    many = SelectMultipleField(
        "Many", choices=["X"], option_widget=widgets.CheckboxInput(), widget=widgets.ListWidget()
    )
    listed = SelectMultipleField("Listed", choices=["X"])


@pytest.fixture
def refused(app):
    form = Everything(MultiDict({"name": ""}))
    form.validate()
    with app.test_request_context("/?lang=en"):
        return render_template_string(PAGE, form=form)


def test_the_error_summary_links_to_what_must_be_mended(refused):
    assert 'href="#name">Name: Write the name.' in refused
    assert 'href="#kind-0">Kind: Choose.' in refused
    assert "autofocus" in refused


def test_a_field_names_its_hint_and_its_error(refused):
    assert 'aria-describedby="name-hint name-error"' in refused
    assert 'aria-invalid="true"' in refused
    assert '<p class="hint" id="text-hint">A few words</p>' in refused


def test_radios_become_a_fieldset_and_a_list_stays_a_list(refused):
    assert "<legend>Kind</legend>" in refused
    assert '<label for="many-0">X</label>' in refused
    assert "<select" in refused


def test_what_is_said_is_never_markup(refused):
    assert "Mind &lt;this&gt;" in refused


def test_a_form_without_errors_has_no_summary(app):
    with app.test_request_context("/?lang=en"):
        html = render_template_string(PAGE, form=Everything())
    assert "alert" not in html
    assert "aria-invalid" not in html
