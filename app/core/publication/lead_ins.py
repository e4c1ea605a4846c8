"""What stood above the questions of publications that were counted before it was kept."""

from dataclasses import replace

from app.core.instruments import Instrument, lead_in_digest
from app.core.publication.figures import Measure, MeasureKind
from app.core.publication.publication import Publication


def with_lead_ins(publication: Publication, instrument: Instrument) -> Publication:
    """Return the publication with the lead-in of each measure, from the questionnaire that it was made with.

    What is stored is not changed by it. A measure that has its lead-in, or is not part of the questionnaire,
    stays as it is.
    """
    if all(measure.lead_in is not None for measure in publication.measures):
        return publication
    scales = {scale.id: scale.items for scale in instrument.scales}
    items = {item.id: (item.id,) for item in instrument.items}

    def led_in(measure: Measure) -> Measure:
        names = (scales if measure.kind is MeasureKind.SCALE else items).get(measure.id)
        if measure.lead_in is not None or names is None:
            return measure
        return replace(measure, lead_in=lead_in_digest(instrument, names))

    return replace(publication, measures=tuple(map(led_in, publication.measures)))
