"""Lead-in texts for publications that were counted before lead-ins were stored."""

from dataclasses import replace

from app.core.instruments import Instrument, lead_ins_digest
from app.core.publication.figures import Measure, MeasureKind
from app.core.publication.publication import Publication


def with_lead_ins(publication: Publication, instrument: Instrument) -> Publication:
    """Return the publication with the lead-in of each measure, taken from its questionnaire.

    The stored publication is not changed. A measure that has a lead-in, or is not in the questionnaire, is unchanged.
    """
    if all(measure.lead_in is not None for measure in publication.measures):
        return publication
    scales = {scale.id: scale.items for scale in instrument.scales}
    items = {item.id: (item.id,) for item in instrument.items}

    def led_in(measure: Measure) -> Measure:
        names = (scales if measure.kind is MeasureKind.SCALE else items).get(measure.id)
        if measure.lead_in is not None or names is None:
            return measure
        return replace(measure, lead_in=lead_ins_digest(instrument, names))

    return replace(publication, measures=tuple(map(led_in, publication.measures)))
