import pytest
from jinja2 import UndefinedError

from app.core.languages import Language
from tests.conftest import NOON


@pytest.mark.parametrize(
    "text",
    [
        "{{ thing.yeer }}",
        "{% if thing.yeer %}{% endif %}",
        "{{ [thing] | map(attribute='yeer') | join }}",
        "{% if may(thing.yeer) %}{% endif %}",
    ],
)
def test_an_attribute_that_no_object_has_fails_the_test(app, text):
    with pytest.raises(UndefinedError, match="datetime has no attribute 'yeer'"):
        app.jinja_env.from_string(text).render(thing=NOON, may=frozenset({"read"}).__contains__)


def test_names_keys_and_places_may_be_missing(app):
    text = "{{ nothing }}{{ known.nothing }}{% if [] and [][0] %}{% endif %}{{ [][0] }}{{ language.value }}"
    assert app.jinja_env.from_string(text).render(known={}, language=Language.FI) == "fi"


def test_an_attribute_may_be_asked_whether_it_is_there(app):
    text = "{{ language.year is defined }}{{ language.year | default('none') }}"
    assert app.jinja_env.from_string(text).render(language=Language.FI) == "Falsenone"
