from app.render.charts.axis import Axis
from app.render.charts.funnel import FunnelChart, FunnelPoint, draw_funnel, funnel_height
from app.render.charts.intervals import IntervalChart, IntervalRow, draw_intervals, intervals_height
from app.render.charts.plane import DemandControlChart, DemandControlPoint, demand_control_height, draw_demand_control
from app.render.charts.questions import QuestionChart, QuestionRow, draw_questions, questions_height
from app.render.charts.shares import ShareChart, ShareRow, draw_shares, shares_height
from app.render.charts.trends import TrendChart, TrendPanel, TrendPoint, draw_trends, trends_height

LABELS = (
    "Työn hallinta",
    "Työn vaatimukset",
    "Omat ja yhteisön voimavarat",
    "Yhteiset toimintatavat",
    "Johtamisen tuki <&>",
    "Hyvinvointi työssä juuri nyt",
)


def intervals():
    rows = [
        IntervalRow(
            label=label,
            value=f"{mean} ({mean - 7}–{mean + 8})",
            note="matala on hyvä" if index == 1 else "",
            mean=mean,
            interval=(mean - 7, mean + 8),
            region=60,
            region_interval=(58, 62),
            earlier=(mean - 9, mean - 4) if index % 2 else (),
            difference="heikompi kuin seutu" if index == 3 else "",
            tone="worse" if index == 3 else "",
        )
        for index, (label, mean) in enumerate(zip(LABELS, (62, 55, 71, 48, 80, 66), strict=True))
    ]
    rows.append(
        IntervalRow(
            label="Uupumus",
            value="enintään 12",
            mean=12,
            region=30,
            region_interval=(28, 33),
            heading="Pienempi on parempi",
        )
    )
    return IntervalChart(
        "Johtamisen tuki on vahvinta", "Seitsemän asteikkoa.", tuple(rows), "Koulumme", "Alue", "Viime kysely"
    )


def shares():
    parts = ((20, 30, 50), (45, 30, 25), (10, 15, 75), (10, 0, 90), (90, 5, 10), (30, 60, 10))
    rows = [
        ShareRow(label, *part, words=tuple(f"≤ {p} %" if p == 10 else f"{p} %" for p in part))
        for label, part in zip(LABELS, parts, strict=True)
    ]
    return ShareChart(
        "Puolet kokee hallitsevansa työtään", "Osuudet.", tuple(rows), ("Kielteinen", "Neutraali", "Myönteinen")
    )


QUESTIONS = (
    "Voin vaikuttaa siihen, missä järjestyksessä teen työni",
    "Työpäivässäni on niin paljon keskeytyksiä, että varsinainen työni jää kesken tai siirtyy illalle",
    "Minua kuullaan, kun omasta työstäni päätetään",
    "Tätä kysymystä ei jaoteltu",
)


def questions():
    rows = [
        QuestionRow(
            IntervalRow(
                label=text,
                value=f"{mean} ({mean - 8}–{mean + 8})",
                note="matala on hyvä" if index == 1 else "",
                mean=mean,
                interval=(mean - 8, mean + 8),
                region=58,
                region_interval=(56, 60),
            ),
            None if index == 3 else share,
        )
        for index, (text, mean, share) in enumerate(zip(QUESTIONS, (62, 41, 75, 50), shares().rows, strict=False))
    ]
    classes = ("Epäsuotuisa", "Neutraali", "Suotuisa")
    return QuestionChart("Työn hallinta", "Neljä kysymystä.", tuple(rows), classes, "Seutu")


def trends():
    def points(shift):
        return (
            TrendPoint("Kevät 2025", 55 + shift, (48 + shift, 62 + shift)),
            TrendPoint("Syksy 2025", 60 + shift, (53 + shift, 67 + shift)),
            TrendPoint("Kevät 2026", None),
            TrendPoint("Syksy 2026", 66 + shift, (58 + shift, 74 + shift), continues=False),
        )

    broken = (
        TrendPoint("Kevät 2026", 55, (48, 62)),
        TrendPoint("Syksy 2026", 66, (58, 74), continues=False),
    )
    panels = [
        TrendPanel(label, "Muutosta ei voi sanoa: +6 (−3…+15)", points(i * 3)) for i, label in enumerate(LABELS[:5])
    ]
    panels.append(TrendPanel(LABELS[5], "Kysymykset muuttuivat", broken))
    return TrendChart("Muutokset", "Neljä kyselyä.", tuple(panels))


def plane():
    others = tuple(DemandControlPoint(40 + (i * 37) % 30, 45 + (i * 53) % 28) for i in range(50))
    own = DemandControlPoint(58, 52, (51, 65), (45, 59))
    corners = ("Aktiivinen työ", "Kevyt työ", "Kuormittava työ", "Passiivinen työ")
    return DemandControlChart(
        "Vaatimukset ja hallinta",
        "Risti.",
        "Työkuorman kohtuullisuus",
        "Hallinta",
        corners,
        own,
        "Koivulehdon koulu",
        others,
        "Alueen muut yhteisöt, nimettöminä",
    )


def funnel():
    points = tuple(FunnelPoint(12 + 5 * (i % 12), 55 + (i * 29) % 17 - 8, f"Yhteisö {i}") for i in range(60))
    points += (
        FunnelPoint(42, 38, "Lepikön päiväkoti"),
        FunnelPoint(97, 39, "Rantakylän yhtenäiskoulu"),
        FunnelPoint(57, 73, "Kallion koulu"),
    )
    return FunnelChart("Kolme erottuu", "Suppilo.", points, 55, 20, "Vastaajia", "Työn hallinta", Axis(25, 85))


DRAWN = (
    (intervals, draw_intervals),
    (shares, draw_shares),
    (trends, draw_trends),
    (plane, draw_demand_control),
    (funnel, draw_funnel),
    (questions, draw_questions),
)
HEIGHTS = {
    draw_intervals: intervals_height,
    draw_shares: shares_height,
    draw_trends: trends_height,
    draw_demand_control: demand_control_height,
    draw_funnel: funnel_height,
    draw_questions: questions_height,
}
