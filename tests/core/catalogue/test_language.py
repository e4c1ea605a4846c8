import pytest

from app.core.languages import Language, TranslatedText
from tests.core.matching.synthetic_region import course

FI, SV, EN = Language


@pytest.mark.parametrize(
    ("text", "held", "reader", "found"),
    [
        (TranslatedText("Palautuminen", "Palautuminen", "Palautuminen"), (FI,), EN, FI),
        (TranslatedText("Palautuminen", "Palautuminen", "Palautuminen"), (FI,), FI, FI),
        (TranslatedText("Återhämtning", "Återhämtning", "Återhämtning"), (SV,), FI, SV),
        (TranslatedText("Palautuminen", "Återhämtning", "Recovery"), (FI,), EN, EN),
        (TranslatedText("Palautuminen", "Återhämtning", "Palautuminen"), (FI, SV), EN, FI),
        (TranslatedText("Mindfulness", "Mindfulness", "Mindfulness"), (), SV, SV),
    ],
)
def test_a_text_that_stands_in_for_another_keeps_its_own_language(text, held, reader, found):
    assert course(languages=held, title=text).shown_text_language(text, reader) is found
