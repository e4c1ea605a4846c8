"""Fixed texts of handouts and slides."""

from app.core.languages import TranslatedText

TITLE = TranslatedText(
    fi="Henkilöstökyselyn tulokset", sv="Resultaten av personalenkäten", en="Results of the staff survey"
)
ANSWERED = TranslatedText(fi="Kuinka moni vastasi", sv="Hur många svarade", en="How many answered")
CAUTIONS = TranslatedText(
    fi="Mitä tuloksista ei voi päätellä", sv="Slutsatser som inte kan dras", en="Conclusions that cannot be drawn"
)
STRONGEST = TranslatedText(fi="Vahvuutemme", sv="Våra styrkor", en="Our strengths")
BOTH = TranslatedText(
    fi="Vahvuudet ja kehittämiskohteet",
    sv="Styrkor och utvecklingsområden",
    en="Strengths and areas to improve",
)
BESIDE = TranslatedText(
    fi="Työyhteisömme ja seutu", sv="Vår arbetsgemenskap och regionen", en="Our community and the region"
)
DIMENSION = TranslatedText(fi="Osa-alue", sv="Delområde", en="Dimension")
PLACEMENT = TranslatedText(fi="Sijoittuminen", sv="Placering", en="Placement")
WIDER = TranslatedText(fi="Laajempi tulos: {name}", sv="Det bredare resultatet: {name}", en="The wider result: {name}")
BY_DIMENSION = TranslatedText(fi="Tulokset osa-alueittain", sv="Resultat per delområde", en="Results by dimension")
QUESTIONS = TranslatedText(fi="Kysymykset pienryhmille", sv="Frågor till smågrupperna", en="Questions for the groups")
ANY_MATTER = TranslatedText(fi="Aiheesta riippumatta", sv="Oavsett ämne", en="About any topic")
NEXT = TranslatedText(fi="Mitä seuraavaksi tapahtuu", sv="Vad som händer härnäst", en="What happens next")
DECIDED = TranslatedText(fi="Mitä päätimme", sv="Vad vi beslutade", en="What we decided")
TO_FILL = (
    TranslatedText(fi="Painopisteemme", sv="Vårt fokus", en="Our focus"),
    TranslatedText(fi="Ensimmäinen askel ja päivä", sv="Första steget och datum", en="First step and date"),
    TranslatedText(
        fi="Mitä viemme eteenpäin ja kenelle", sv="Vad vi för vidare och till vem", en="What we escalate and to whom"
    ),
)
STEPS = (
    TranslatedText(
        fi="Valitsemme yhdessä yhden tai kaksi painopistettä; äänestys on nimetön.",
        sv="Vi väljer tillsammans ett eller två fokusområden; omröstningen är anonym.",
        en="Together we choose one or two focus areas; the vote is anonymous.",
    ),
    TranslatedText(
        fi="Suunnitelma valmistuu aikataulun mukaan, ja kaikki näkevät sen.",
        sv="Planen blir klar enligt tidsplanen och är synlig för alla.",
        en="The plan is ready by its due date, and everyone can see it.",
    ),
    TranslatedText(
        fi="Ensimmäinen askel näkyy arjessa pian, sovittuna päivänä.",
        sv="Det första steget märks snart i vardagen, på den överenskomna dagen.",
        en="The first step is visible in daily work soon, on the agreed day.",
    ),
    TranslatedText(
        fi="Asiat, joista emme voi itse päättää, lähetetään kunnalle. Kunta vastaa määräpäivään mennessä.",
        sv="Det vi inte själva kan besluta om skickas till kommunen, som svarar inom utsatt tid.",
        en="Issues that we cannot decide on go to the municipality, which answers by a due date.",
    ),
    TranslatedText(
        fi="Lyhyt pulssikysely kertoo parin kuukauden kuluttua, huomattiinko muutos.",
        sv="En kort pulsenkät efter ett par månader visar om förändringen har märkts.",
        en="A short pulse survey after a couple of months shows whether the change was noticed.",
    ),
)
LEFT_OUT = TranslatedText(
    fi="Kuviosta on jätetty pois {count} osa-aluetta, jotka ovat lähimpänä seudun tasoa. Kaikki ovat tulossivulla.",
    sv="{count} delområden närmast regionens nivå saknas i diagrammet. Alla finns på resultatsidan.",
    en="{count} dimensions that are nearest to the region are left out of the chart. All are on the results page.",
)
CHART = TranslatedText(fi="Kuvio: {words}", sv="Diagram: {words}", en="Chart: {words}")
