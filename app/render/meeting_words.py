"""The words that stand on the papers of a meeting, whatever the results say."""

from app.core.languages import TranslatedText

TITLE = TranslatedText(
    fi="Henkilöstökyselyn tulokset", sv="Resultaten av personalenkäten", en="Results of the staff survey"
)
ANSWERED = TranslatedText(fi="Kuinka moni vastasi", sv="Hur många svarade", en="How many answered")
CAUTIONS = TranslatedText(
    fi="Mitä ei pidä päätellä", sv="Vad man inte kan dra för slutsatser", en="What may not be concluded"
)
STRONGEST = TranslatedText(fi="Mikä kantaa parhaiten", sv="Vad som bär bäst", en="What is strongest")
WEAKEST = TranslatedText(
    fi="Mikä kaipaa eniten huomiota", sv="Vad som mest behöver uppmärksamhet", en="What needs most attention"
)
BOTH = TranslatedText(
    fi="Mikä kantaa ja mikä kaipaa huomiota",
    sv="Vad som bär och vad som behöver uppmärksamhet",
    en="What is strong and what needs attention",
)
BESIDE = TranslatedText(
    fi="Työyhteisömme ja seutu", sv="Vår arbetsgemenskap och regionen", en="Our community beside the region"
)
DIMENSION = TranslatedText(fi="Osa-alue", sv="Delområde", en="Dimension")
PLACEMENT = TranslatedText(fi="Sijoittuminen", sv="Placering", en="Placement")
WIDER = TranslatedText(fi="Laajempi tulos: {name}", sv="Det bredare resultatet: {name}", en="The wider result: {name}")
BY_DIMENSION = TranslatedText(fi="Tulokset osa-alueittain", sv="Resultaten enligt delområde", en="Results by dimension")
QUESTIONS = TranslatedText(fi="Kysymykset pienryhmille", sv="Frågor till smågrupperna", en="Questions for the groups")
ANY_MATTER = TranslatedText(fi="Mistä tahansa asiasta", sv="Om vilken fråga som helst", en="On any matter")
NEXT = TranslatedText(fi="Mitä seuraavaksi tapahtuu", sv="Vad som händer sedan", en="What happens next")
DECIDED = TranslatedText(fi="Mitä päätimme", sv="Vad vi beslutade", en="What we decided")
TO_FILL = (
    TranslatedText(fi="Painopisteemme", sv="Vårt fokus", en="Our focus"),
    TranslatedText(fi="Ensimmäinen askel ja päivä", sv="Första steget och datum", en="First step and day"),
    TranslatedText(
        fi="Mitä viemme eteenpäin ja kenelle", sv="Vad vi för vidare och till vem", en="What we hand on, and to whom"
    ),
)
STEPS = (
    TranslatedText(
        fi="Valitsemme yhdessä yhden tai kaksi painopistettä; äänestys on nimetön.",
        sv="Vi väljer tillsammans ett eller två fokus; omröstningen är anonym.",
        en="Together we choose one or two matters; the vote is anonymous.",
    ),
    TranslatedText(
        fi="Suunnitelma valmistuu aikataulun mukaan ja on kaikkien nähtävillä.",
        sv="Planen blir klar enligt tidtabellen och är synlig för alla.",
        en="The plan is ready by the day on the clock, for everybody to see.",
    ),
    TranslatedText(
        fi="Ensimmäinen askel näkyy arjessa pian, sovittuna päivänä.",
        sv="Det första steget märks snart i vardagen, på avtalad dag.",
        en="The first step shows in daily work soon, on the day agreed.",
    ),
    TranslatedText(
        fi="Mistä emme voi itse päättää, se viedään kunnalle, ja siihen saadaan vastaus määräpäivään mennessä.",
        sv="Det vi inte själva kan besluta om förs till kommunen, som svarar inom utsatt tid.",
        en="What we cannot decide goes to the municipality, which answers by a date.",
    ),
    TranslatedText(
        fi="Lyhyt pulssikysely kertoo parin kuukauden kuluttua, huomattiinko muutos.",
        sv="En kort pulsenkät efter ett par månader visar om förändringen har märkts.",
        en="A short pulse after a couple of months tells whether the change was noticed.",
    ),
)
CHART = TranslatedText(fi="Kuvio: {words}", sv="Diagram: {words}", en="Chart: {words}")
