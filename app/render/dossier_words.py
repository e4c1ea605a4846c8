"""Texts of the dossier in three languages, with named placeholders for numbers."""

from collections.abc import Mapping

from app.core.languages import TranslatedText

WORDS: Mapping[str, TranslatedText] = {
    "title": TranslatedText(
        fi="Näyttö koulutustarpeista: {region}",
        sv="Underlag om utbildningsbehov: {region}",
        en="Evidence of training needs: {region}",
    ),
    "made": TranslatedText(
        fi="Koottu {day} julkaistuista, lukituista tuloksista",
        sv="Sammanställt {day} ur publicerade, låsta resultat",
        en="Compiled on {day} from released, final results",
    ),
    "summary": TranslatedText(fi="Pääasiat", sv="Det viktigaste", en="In short"),
    "summary_need": TranslatedText(
        fi="Suurin tarve: {dimension}. Sen tarve on {need}, kun kaikkien osa-alueiden keskiarvo on 100.",
        sv="Störst behov: {dimension}. Behovet är {need}, när medelvärdet för alla delområden är 100.",
        en="Greatest need: {dimension}. Its need is {need}, where the mean of all dimensions is 100.",
    ),
    "summary_no_need": TranslatedText(
        fi="Tuloksissa ei näy koulutustarvetta.",
        sv="Inget utbildningsbehov syns i resultaten.",
        en="The results show no need for training.",
    ),
    "summary_seats": TranslatedText(
        fi="Paikkoja toivottiin {requested}, myönnettiin {granted}; ilman jäi {nothing} toivoneista työyhteisöistä.",
        sv="{requested} platser önskades och {granted} tilldelades; {nothing} av arbetsgemenskaperna blev utan.",
        en="{requested} seats were requested and {granted} allocated; {nothing} of the communities that requested "
        "seats got none.",
    ),
    "summary_requests": TranslatedText(
        fi="Paikkoja on toivottu {requested}; niitä ei ole vielä jaettu.",
        sv="{requested} platser har önskats; de har ännu inte fördelats.",
        en="{requested} seats have been requested; they have not been allocated yet.",
    ),
    "summary_missing": TranslatedText(
        fi="Tarjonta jää alle arvion alarajan: {dimensions}.",
        sv="Utbudet ligger under uppskattningens nedre gräns: {dimensions}.",
        en="Fewer seats are offered than the lower end of the estimate: {dimensions}.",
    ),
    "summary_enough": TranslatedText(
        fi="Jokaisella osa-alueella paikkoja on tarjolla vähintään arvion alarajan verran.",
        sv="Inom varje delområde erbjuds minst så många platser som uppskattningens nedre gräns.",
        en="In every dimension at least as many seats are offered as the lower end of the estimate.",
    ),
    "summary_equity": TranslatedText(
        fi="Paikkoja myönnettiin sataa työntekijää kohti {least} ({lowest}) – {most} ({highest}).",
        sv="För varje hundra anställda gavs mellan {least} ({lowest}) och {most} ({highest}) platser.",
        en="For every 100 staff, between {least} ({lowest}) and {most} ({highest}) seats were given.",
    ),
    "summary_certainty": TranslatedText(
        fi="Julkaistuja kyselyitä: {rounds}. Uusimpaan kutsuttiin {invited} ja vastasi {counted}.",
        sv="Publicerade enkäter: {rounds}. Till den nyaste bjöds {invited} in och {counted} svarade.",
        en="Released surveys: {rounds}. In the newest, {invited} people were invited and {counted} answered.",
    ),
    "needs": TranslatedText(fi="Tarpeet", sv="Behoven", en="Needs"),
    "needs_text": TranslatedText(
        fi="Seudun keskiarvo asteikolla 0–100 ja sen luottamusväli. Tarve kertoo, kuinka paljon hyvinvoinnin "
        "voi odottaa kohenevan osa-alueen parantuessa; 100 on seudun keskiarvo kaikilla osa-alueilla.",
        sv="Regionens medelvärde på skalan 0–100 med konfidensintervall. Behovet anger hur mycket välbefinnandet kan "
        "väntas öka när delområdet förbättras; 100 är regionens medelvärde för alla delområden.",
        en="The region's mean on a scale of 0–100 with its interval. The need shows how much wellbeing can be "
        "expected to improve when the dimension improves; 100 is the region's mean over all dimensions.",
    ),
    "dimension": TranslatedText(fi="Osa-alue", sv="Delområde", en="Dimension"),
    "mean": TranslatedText(fi="Keskiarvo", sv="Medelvärde", en="Mean"),
    "interval": TranslatedText(fi="Luottamusväli", sv="Intervall", en="Interval"),
    "good": TranslatedText(fi="Hyvä suunta", sv="God riktning", en="Good direction"),
    "high": TranslatedText(fi="suuri", sv="hög", en="high"),
    "low": TranslatedText(fi="pieni", sv="låg", en="low"),
    "staff": TranslatedText(fi="Henkilöstö", sv="Personal", en="Staff"),
    "need": TranslatedText(fi="Tarve (keskiarvo 100)", sv="Behov (medelvärde 100)", en="Need (mean 100)"),
    "need_interval": TranslatedText(fi="Tarpeen väli", sv="Behovets intervall", en="Interval of the need"),
    "picture_means": TranslatedText(
        fi="Seudun keskiarvot ja niiden luottamusvälit",
        sv="Regionens medelvärden och deras intervall",
        en="The region's means and their intervals",
    ),
    "whole_region": TranslatedText(fi="Koko seutu", sv="Hela regionen", en="Whole region"),
    "supply": TranslatedText(fi="Paikat ja tarve", sv="Platser och behov", en="Seats and need"),
    "supply_text": TranslatedText(
        fi="Arvio tarvittavista paikoista: {uptake} prosenttia henkilöstöstä osallistuu kauden aikana, ja kunkin "
        "työyhteisön paikat jakautuvat osa-alueille sen tarpeiden suhteessa. {certainty} prosentin väli on saatu "
        "poimimalla työyhteisöjä toistuvasti uudelleen. Useaa osa-aluetta koskevan koulutuksen paikat on jaettu niiden "
        "kesken.",
        sv="Uppskattningen av platser: {uptake} procent av personalen deltar under terminen, och varje "
        "arbetsgemenskaps platser fördelas på delområdena efter dess behov. Intervallet på {certainty} procent "
        "fås genom upprepat urval av arbetsgemenskaper. Platserna i en utbildning om flera delområden är delade "
        "mellan dem.",
        en="Seats needed: {uptake} per cent of staff take part in the term, and the seats of each community are "
        "divided among the dimensions according to its needs. The {certainty} per cent interval comes from "
        "resampling the communities. Seats on a course about several dimensions are divided among them.",
    ),
    "guess": TranslatedText(
        fi="Asiantuntija-arvio: kyselykierroksia on alle kolme, joten väli ei kerro vuosien välisestä vaihtelusta.",
        sv="Expertbedömning: det finns färre än tre omgångar, så intervallet visar inte hur åren skiljer sig.",
        en="Expert estimate: there are fewer than three rounds, so the interval does not show how years differ.",
    ),
    "needed": TranslatedText(fi="Paikkoja tarvittaisiin", sv="Platser som behövs", en="Seats needed"),
    "offered": TranslatedText(fi="Paikkoja tarjolla", sv="Platser i utbudet", en="Seats offered"),
    "missing": TranslatedText(fi="Puuttuu vähintään", sv="Saknas minst", en="Missing at least"),
    "picture_seats": TranslatedText(
        fi="Arvio tarvittavista paikoista ja tarjolla olevat paikat",
        sv="Uppskattade platser och platser i utbudet",
        en="Seats needed and seats offered",
    ),
    "equity": TranslatedText(
        fi="Tasapuolisuus kuntien kesken", sv="Jämlikhet mellan kommunerna", en="Equity across municipalities"
    ),
    "equity_text": TranslatedText(
        fi="Suurin tarve on se osa-alue, jolla kunnan henkilöstön tarve on keskimäärin suurin. Oma tulos: "
        "työyhteisöt, joista näytetään vähintään oma sijoittuminen; muista on käytetty kunnan tai seudun tulosta. "
        "Arviolta: myönnetyt paikat ja ne, jotka työyhteisöt voivat listojensa mukaan vielä odottaa saavansa.",
        sv="Störst behov är det delområde där kommunens personal i medeltal har störst behov. Eget resultat: "
        "arbetsgemenskaper med åtminstone en egen placering; för de övriga har kommunens eller regionens "
        "resultat använts. Väntade: givna platser och de som arbetsgemenskaperna enligt sina listor ännu kan räkna "
        "med.",
        en="The greatest need is the dimension in which the municipality's staff have the greatest need on "
        "average. Own result: communities with at least a placement of their own; the others count with their "
        "municipality's or the region's result. Expected: seats given and those that communities can still expect "
        "according to their lists.",
    ),
    "municipality": TranslatedText(fi="Kunta", sv="Kommun", en="Municipality"),
    "paying": TranslatedText(fi="maksava", sv="betalande", en="paying"),
    "communities": TranslatedText(fi="Työyhteisöjä", sv="Arbetsgemenskaper", en="Communities"),
    "own": TranslatedText(fi="Oma tulos", sv="Eget resultat", en="Own result"),
    "greatest": TranslatedText(fi="Suurin tarve", sv="Störst behov", en="Greatest need"),
    "requested": TranslatedText(fi="Toivottu", sv="Önskade", en="Requested"),
    "granted": TranslatedText(fi="Myönnetty", sv="Givna", en="Given"),
    "expected": TranslatedText(fi="Arviolta", sv="Väntade", en="Expected"),
    "per_100": TranslatedText(
        fi="Myönnetty 100 työntekijää kohti", sv="Givna per 100 anställda", en="Given per 100 staff"
    ),
    "picture_equity": TranslatedText(
        fi="Kunkin kunnan suurin tarve, seudun keskiarvo 100",
        sv="Varje kommuns största behov, regionens medelvärde 100",
        en="The greatest need of each municipality, mean of the region 100",
    ),
    "groups": TranslatedText(
        fi="Tasapuolisuus henkilöstöryhmien kesken",
        sv="Jämlikhet mellan personalgrupperna",
        en="Equity across staff groups",
    ),
    "groups_text": TranslatedText(
        fi="Koko seudun keskiarvot henkilöstöryhmittäin. Viiva tarkoittaa, että vastauksia on liian vähän.",
        sv="Hela regionens medelvärden per personalgrupp. Ett streck betyder att svaren är för få.",
        en="The whole region's means by staff group. A dash: too few answers to show.",
    ),
    "group": TranslatedText(fi="Henkilöstöryhmä", sv="Personalgrupp", en="Staff group"),
    "courses": TranslatedText(
        fi="Koulutukset ja niiden näyttö", sv="Utbildningarna och evidensen", en="Courses and their evidence"
    ),
    "course": TranslatedText(fi="Koulutus", sv="Utbildning", en="Course"),
    "about": TranslatedText(fi="Osa-alueet (yhteys 0–3)", sv="Delområden (0–3)", en="Dimensions (relevance 0–3)"),
    "grade": TranslatedText(fi="Näyttö", sv="Evidens", en="Evidence"),
    "evidence_source": TranslatedText(fi="Näytön lähde", sv="Källa", en="Source of evidence"),
    "seats": TranslatedText(fi="Paikkoja", sv="Platser", en="Seats"),
    "used": TranslatedText(fi="Käytetyt paikat", sv="Använda platser", en="Seats used"),
    "used_text": TranslatedText(
        fi="Kuinka moni myönnetyistä paikoista käytettiin ja kuinka moni suoritti koulutuksen loppuun. Luvut ovat "
        "järjestäjien ilmoittamia määriä, eivät henkilöitä.",
        sv="Hur många av de givna platserna som användes och hur många som slutförde utbildningen. Siffrorna är antal "
        "som arrangörerna har uppgett, inte personer.",
        en="How many of the seats given were taken, and how many completed the course. These are numbers reported by "
        "the providers, not people.",
    ),
    "summary_used": TranslatedText(
        fi="Paikoista, joiden käyttö tiedetään ({granted}), käytettiin {taken}, ja koulutuksen suoritti {completed}.",
        sv="Av de platser vars användning är känd ({granted}) användes {taken}, och {completed} slutförde "
        "utbildningen.",
        en="Of the seats whose use is known ({granted}), {taken} were taken and {completed} people completed the "
        "course.",
    ),
    "taken": TranslatedText(fi="Käytetty", sv="Använda", en="Taken"),
    "completed": TranslatedText(fi="Suoritettu", sv="Slutförda", en="Completed"),
    "completed_share": TranslatedText(
        fi="Suoritettu myönnetyistä, %", sv="Slutförda av givna, %", en="Completed of given, %"
    ),
    "plan": TranslatedText(
        fi="Seuraavan kauden suunnitelma", sv="Planen för nästa termin", en="Plan for the next term"
    ),
    "plan_text": TranslatedText(
        fi="Laadittu {day}. Suunnitelma valitsee koulutukset niin, että niistä on työyhteisöille eniten hyötyä "
        "annetuissa rajoissa: {seats} paikkaa, {money} euroa, {hours} tuntia koulutusta. Se tuo {reach} prosenttia "
        "hyödystä, joka saataisiin ilman rajoja; paras mahdollinen suunnitelma toisi enintään {gap} prosenttia "
        "enemmän.",
        sv="Gjord {day}. Planen väljer utbildningarna så att arbetsgemenskaperna har störst nytta av dem inom de givna "
        "gränserna: {seats} platser, {money} euro, {hours} timmar utbildning. Den ger {reach} procent av nyttan utan "
        "gränser; den bästa möjliga planen skulle ge högst {gap} procent mer.",
        en="Made on {day}. The plan chooses courses so that they help the communities most within the given limits: "
        "{seats} seats, {money} euros, {hours} hours of training. It brings {reach} per cent of what could be gained "
        "without limits; the best possible plan would bring at most {gap} per cent more.",
    ),
    "plan_next": TranslatedText(
        fi="Seuraavaksi eniten hyötyä toisi {course}: {gain} prosenttia lisää, hinta {money} euroa.",
        sv="Näst mest nytta skulle {course} ge: {gain} procent mer, till priset {money} euro.",
        en="Next best would be {course}: {gain} per cent more, at a price of {money} euros.",
    ),
    "times": TranslatedText(fi="Kertoja", sv="Gånger", en="Times"),
    "money": TranslatedText(fi="Euroa", sv="Euro", en="Euros"),
    "hours": TranslatedText(fi="Tuntia", sv="Timmar", en="Hours"),
    "gain_share": TranslatedText(fi="Osuus hyödystä, %", sv="Andel av nyttan, %", en="Share of the gain, %"),
    "plan_floors": TranslatedText(
        fi="Kunnille taatut paikat", sv="Garanterade platser för kommunerna", en="Seats guaranteed to municipalities"
    ),
    "promised": TranslatedText(fi="Taattu vähintään", sv="Garanterat minst", en="Guaranteed at least"),
    "floor_price": TranslatedText(
        fi="Takuun hinta, % hyödystä", sv="Garantins pris, % av nyttan", en="Price of the guarantee, % of the gain"
    ),
    "uncertainty": TranslatedText(fi="Epävarmuus ja rajat", sv="Osäkerhet och gränser", en="Uncertainty and limits"),
    "limit_k": TranslatedText(
        fi="Lukuja näytetään vain, kun vastauksia on vähintään {k}. Pienempien työyhteisöjen vastaukset ovat mukana "
        "vain laajemmissa tuloksissa.",
        sv="Siffror visas bara när det finns minst {k} svar. Svaren från mindre arbetsgemenskaper ingår bara i "
        "bredare resultat.",
        en="Numbers are shown only for {k} answers or more. Answers from smaller communities are included only in "
        "wider results.",
    ),
    "limit_silent": TranslatedText(
        fi="Keskiarvojen luottamusväleissä on oletettu, että vastaamatta jättäneet ajattelevat kuten vastanneet. Sitä "
        "ei tiedetä, eikä lukuja ole painotettu vastaamatta jättäneiden mukaan.",
        sv="Medelvärdenas konfidensintervall utgår från att de som inte svarade tycker som de som svarade. "
        "Det vet man inte, och siffrorna är inte viktade för bortfallet.",
        en="The intervals of means assume that non-respondents would have answered similarly. This is not "
        "known, and no figure is weighted for non-response.",
    ),
    "limit_order": TranslatedText(
        fi="Kuntia ei aseteta paremmuusjärjestykseen: pienen kunnan luku perustuu harvoihin työyhteisöihin "
        "ja voi olla sattumaa.",
        sv="Kommunerna rangordnas inte: en liten kommuns siffra vilar på få arbetsgemenskaper och kan bero på slumpen.",
        en="Municipalities are not ranked: a small municipality's number is based on few communities and may be due "
        "to chance.",
    ),
    "limit_cause": TranslatedText(
        fi="Kysely kertoo, missä tarve näkyy, ei sitä, mistä se johtuu. Koulutus on vain yksi keino: kun työkuorma "
        "on liian suuri, ensin muutetaan työtä.",
        sv="Enkäten visar var behovet finns, inte vad det beror på. Utbildning är bara ett medel: när "
        "arbetsbelastningen är för stor ändras först arbetet.",
        en="The survey shows where the need is, not what causes it. A course is only one means: where the "
        "workload is too heavy, the work is changed first.",
    ),
    "limit_effect": TranslatedText(
        fi="Myönnetty paikka ei vielä ole vaikutus. Vaikutus arvioidaan erikseen, ja se kerrotaan "
        "virhemarginaaleineen myös silloin, kun se on kielteinen.",
        sv="En given plats är ännu ingen effekt. Effekten bedöms för sig och anges med felmarginaler, också när "
        "den är negativ.",
        en="A seat given is not yet an effect. Effects are reviewed separately and given with their intervals, "
        "also where they are negative.",
    ),
    "limit_weights": TranslatedText(
        fi="Tarpeet on laskettu painojen versiolla {weights}.",
        sv="Behoven är beräknade med vikterna i version {weights}.",
        en="Needs were calculated with the weights of version {weights}.",
    ),
    "sources": TranslatedText(fi="Lähteet", sv="Källor", en="Sources"),
    "sources_text": TranslatedText(
        fi="Kysely: {instrument}, versio {version}. Julkaistut kyselykierrokset:",
        sv="Enkät: {instrument}, version {version}. Publicerade omgångar:",
        en="Questionnaire: {instrument}, version {version}. Released rounds:",
    ),
    "round": TranslatedText(fi="Kierros", sv="Omgång", en="Round"),
    "closed": TranslatedText(fi="Päättyi", sv="Stängdes", en="Closed"),
    "invited": TranslatedText(fi="Kutsuttu", sv="Inbjudna", en="Invited"),
    "counted": TranslatedText(fi="Vastauksia", sv="Svar", en="Answers"),
    "digest": TranslatedText(fi="Kyselyn tiiviste", sv="Enkätens fingeravtryck", en="Questionnaire digest"),
    "page": TranslatedText(fi="Sivu", sv="Sida", en="Page"),
}
