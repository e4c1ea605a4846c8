"""Labels of the conclusions on an effect."""

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from app.core.matching.effect import EffectVerdict

VERDICTS: dict[EffectVerdict, LazyString] = {
    EffectVerdict.TOO_FEW: _("There are too few communities to say anything."),
    EffectVerdict.CANNOT_TELL: _("The figures do not show whether the change differs from that of the others."),
    EffectVerdict.POSSIBLY_BETTER: _("Possibly a better change than in the others; it may also be due to chance."),
    EffectVerdict.CLEARLY_BETTER: _("A better change than in the others, by more than chance usually explains."),
    EffectVerdict.POSSIBLY_WORSE: _("Possibly a worse change than in the others; it may also be due to chance."),
    EffectVerdict.CLEARLY_WORSE: _("A worse change than in the others, by more than chance usually explains."),
}
