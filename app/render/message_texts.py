"""Texts of e-mails in three languages, with `{names}` as placeholders."""

from dataclasses import dataclass

from app.core.languages import TranslatedText
from app.core.mail import MessagePurpose


@dataclass(frozen=True, slots=True)
class MessageTexts:
    """Texts of messages of one purpose; `path` is the link of the button, `small` the small print below."""

    heading: TranslatedText
    paragraphs: tuple[TranslatedText, ...]
    button: TranslatedText | None = None
    path: str = "/"
    small: tuple[TranslatedText, ...] = ()


OPENING = TranslatedText(fi="Hei!", sv="Hej!", en="Hello,")
UNDER_THE_BUTTON = TranslatedText(
    fi="Jos painike ei toimi, avaa {address} ja kirjoita koodi:",
    sv="Om knappen inte fungerar, öppna {address} och skriv in koden:",
    en="If the button does not work, open {address} and type the code:",
)
SEALED = TranslatedText(
    fi=(
        "Kukaan ei näe, mitä juuri sinä vastaat. Vastaukset pidetään suljettuina, kunnes kysely päättyy. Sitten "
        "kaikki vastaukset lasketaan yhdellä kertaa ja hävitetään. Tulokset näytetään vain riittävän suurista ryhmistä."
    ),
    sv=(
        "Ingen ser vad just du svarar. Svaren är förseglade tills enkäten stängs. Sedan räknas alla svar tillsammans "
        "och förstörs. Resultat visas bara för tillräckligt stora grupper."
    ),
    en=(
        "No one sees what you answer. Answers are sealed until the survey closes. Then all of them are "
        "counted at once and destroyed. Results are shown only for groups that are large enough."
    ),
)
ADDRESS_GOES = TranslatedText(
    fi="Osoitteesi poistetaan palvelusta, kun vastaukset lasketaan.",
    sv="Din adress raderas ur tjänsten när svaren räknas.",
    en="Your address is deleted from the service when the answers are counted.",
)
ASK = TranslatedText(fi="Kysyttävää? {contact}", sv="Frågor? {contact}", en="Questions? {contact}")

SUBJECTS: dict[MessagePurpose, TranslatedText] = {
    MessagePurpose.INVITATION: TranslatedText(
        fi="{round}: vastaa viimeistään {until}", sv="{round}: svara senast {until}", en="{round}: answer by {until}"
    ),
    MessagePurpose.REMINDER: TranslatedText(
        fi="Muistutus: {round} on avoinna {until} asti",
        sv="Påminnelse: {round} är öppen till och med {until}",
        en="Reminder: {round} is open until {until}",
    ),
    MessagePurpose.THANKS: TranslatedText(
        fi="{round} on päättynyt – kiitos!", sv="{round} har stängts – tack!", en="{round} has closed – thank you!"
    ),
    MessagePurpose.RELEASED: TranslatedText(
        fi="Tulokset ovat valmiit: {round}", sv="Resultaten är klara: {round}", en="The results are ready: {round}"
    ),
    MessagePurpose.FOLLOW_UP: TranslatedText(fi="{about}: {what}", sv="{about}: {what}", en="{about}: {what}"),
    MessagePurpose.ACCOUNT: TranslatedText(
        fi="Tunnuksesi palveluun {service}", sv="Ditt konto i {service}", en="Your account in {service}"
    ),
    MessagePurpose.TRIAL: TranslatedText(
        fi="Testiviesti: {service}", sv="Testmeddelande: {service}", en="Test message: {service}"
    ),
}

TEXTS: dict[MessagePurpose, MessageTexts] = {
    MessagePurpose.INVITATION: MessageTexts(
        heading=TranslatedText(fi="Mitä työhösi kuuluu?", sv="Hur har ni det på jobbet?", en="How are things at work?"),
        paragraphs=(
            TranslatedText(
                fi=(
                    "Työyhteisösi {unit} on mukana kyselyssä ”{round}”. Vastaamalla vaikutat siihen, mitä "
                    "työssänne kehitetään ja millaista koulutusta järjestetään."
                ),
                sv=(
                    "Din arbetsgemenskap {unit} deltar i enkäten ”{round}”. Med ditt svar påverkar du vad som "
                    "utvecklas i ert arbete och vilken utbildning som ordnas."
                ),
                en=(
                    "Your community {unit} is taking part in the survey “{round}”. Your answers influence what is "
                    "improved in your work and which courses are arranged."
                ),
            ),
            TranslatedText(
                fi="Vastausaikaa on {until} asti. Vastaaminen on vapaaehtoista.",
                sv="Du kan svara till och med {until}. Det är frivilligt att svara.",
                en="You can answer until {until}. Answering is voluntary.",
            ),
        ),
        button=TranslatedText(fi="Vastaa kyselyyn", sv="Besvara enkäten", en="Answer the survey"),
        small=(
            SEALED,
            TranslatedText(
                fi="Koodi on vain sinulle, ja se toimii kerran. Älä välitä tätä viestiä eteenpäin.",
                sv="Koden är bara för dig och fungerar en gång. Skicka inte det här meddelandet vidare.",
                en="The code is only for you and works once. Do not forward this message.",
            ),
            ADDRESS_GOES,
            ASK,
        ),
    ),
    MessagePurpose.REMINDER: MessageTexts(
        heading=TranslatedText(fi="Vielä ehdit vastata", sv="Du hinner ännu svara", en="There is still time to answer"),
        paragraphs=(
            TranslatedText(
                fi=(
                    "Kysely ”{round}” on avoinna {until} asti. Sinulle lähetettyä vastauskoodia ei ole vielä käytetty."
                ),
                sv=(
                    "Enkäten ”{round}” är öppen till och med {until}. Svarskoden som du har fått har ännu inte använts."
                ),
                en="The survey “{round}” is open until {until}. The code that you were sent has not been used yet.",
            ),
            TranslatedText(
                fi=(
                    "Koodi on aiemmassa viestissä, jonka otsikko alkaa ”{round}: vastaa viimeistään”. Siinä olevasta "
                    "painikkeesta pääset suoraan kyselyyn. Tässä viestissä koodia ei ole, koska sitä ei säilytetä "
                    "palvelussa."
                ),
                sv=(
                    "Koden finns i ett tidigare meddelande vars rubrik börjar med ”{round}: svara senast”. Knappen i "
                    "det leder direkt till enkäten. Koden finns inte i det här meddelandet eftersom den inte sparas "
                    "i tjänsten."
                ),
                en=(
                    "The code is in an earlier message whose subject begins “{round}: answer by”. Its button leads "
                    "straight to the survey. The code is not in this message, because the service does not store it."
                ),
            ),
        ),
        small=(
            TranslatedText(
                fi=(
                    "Muistutus lähetetään samalla kertaa kaikille, joiden koodi on käyttämättä. Esihenkilösi ja "
                    "koordinaattorit eivät näe, keitä he ovat."
                ),
                sv=(
                    "Påminnelsen skickas samtidigt till alla vars kod är oanvänd. Din chef och koordinatorerna ser "
                    "inte vilka de är."
                ),
                en=(
                    "This reminder is sent at the same time to everyone whose code is unused. Your principal and the "
                    "coordinators do not see who they are."
                ),
            ),
            SEALED,
            ADDRESS_GOES,
            ASK,
        ),
    ),
    MessagePurpose.THANKS: MessageTexts(
        heading=TranslatedText(fi="Kiitos!", sv="Tack!", en="Thank you!"),
        paragraphs=(
            TranslatedText(
                fi=(
                    "Kysely ”{round}” on päättynyt. Kiitos kaikille, jotka vastasivat. Tämä viesti lähetetään "
                    "kaikille kutsutuille, sillä kukaan ei näe, kuka vastasi."
                ),
                sv=(
                    "Enkäten ”{round}” har stängts. Tack till alla som svarade. Meddelandet skickas till "
                    "alla inbjudna, eftersom ingen ser vem som svarade."
                ),
                en=(
                    "The survey “{round}” has closed. Thank you to everyone who answered. This message is sent to "
                    "everyone who was invited, since no one sees who answered."
                ),
            ),
            TranslatedText(
                fi=(
                    "Seuraavaksi vastaukset lasketaan yhdellä kertaa ja hävitetään. Kun tulokset ovat valmiit, "
                    "käytte ne läpi työyhteisössänne ja sovitte yhdessä, mihin tartutte ensin."
                ),
                sv=(
                    "Härnäst räknas alla svar tillsammans och förstörs. När resultaten är klara går ni igenom dem "
                    "i den egna arbetsgemenskapen och kommer överens om vad ni tar itu med först."
                ),
                en=(
                    "Next, all answers are counted at once and destroyed. When the results are ready, you discuss "
                    "them in your own community and agree together what to work on first."
                ),
            ),
        ),
        small=(ADDRESS_GOES, ASK),
    ),
    MessagePurpose.RELEASED: MessageTexts(
        heading=TranslatedText(fi="Tulokset ovat valmiit", sv="Resultaten är klara", en="The results are ready"),
        paragraphs=(
            TranslatedText(
                fi="Kyselyn ”{round}” tulokset on julkaistu, ja voit nyt lukea ne palvelussa.",
                sv="Resultaten av enkäten ”{round}” har publicerats, och du kan nu läsa dem i tjänsten.",
                en="The results of the survey “{round}” have been released. You can now read them in the service.",
            ),
            TranslatedText(
                fi=(
                    "Käykää tulokset läpi yhdessä henkilöstön kanssa. Palvelussa näkyy, mihin päivään mennessä "
                    "kokous pidetään, ja tulosten vierestä löytyvät lukuohje ja tarpeisiin sopivat koulutukset."
                ),
                sv=(
                    "Gå igenom resultaten tillsammans med personalen. I tjänsten ser du när mötet senast ska "
                    "hållas, och bredvid resultaten finns läsanvisningar och utbildningar som svarar mot behoven."
                ),
                en=(
                    "Discuss the results with the staff. The service shows the date by which the meeting should be "
                    "held. Next to the results there is a guide to reading them, and courses that meet the needs."
                ),
            ),
        ),
        button=TranslatedText(fi="Lue tulokset", sv="Läs resultaten", en="Read the results"),
        path="/staff/results/",
        small=(ASK,),
    ),
    MessagePurpose.FOLLOW_UP: MessageTexts(
        heading=TranslatedText(fi="{what}", sv="{what}", en="{what}"),
        paragraphs=(
            TranslatedText(fi="{detail}", sv="{detail}", en="{detail}"),
            TranslatedText(fi="Määräpäivä on {until}.", sv="Tidsfristen är {until}.", en="It is due on {until}."),
        ),
        button=TranslatedText(fi="Avaa palvelussa", sv="Öppna i tjänsten", en="Open in the service"),
        path="/staff/",
        small=(
            TranslatedText(
                fi="Sait tämän viestin, koska hoidat työyhteisösi asioita palvelussa.",
                sv="Du fick det här meddelandet eftersom du sköter din arbetsgemenskaps ärenden i tjänsten.",
                en="You received this message because you manage your community in the service.",
            ),
            ASK,
        ),
    ),
    MessagePurpose.ACCOUNT: MessageTexts(
        heading=TranslatedText(fi="Tervetuloa, {name}", sv="Välkommen, {name}", en="Welcome, {name}"),
        paragraphs=(
            TranslatedText(
                fi="Sinulle on avattu tunnus palveluun {service}. Aseta salasana, niin pääset kirjautumaan.",
                sv="Ett konto har öppnats för dig i {service}. Välj ett lösenord så kan du logga in.",
                en="An account has been created for you in {service}. Set a password to sign in.",
            ),
            TranslatedText(
                fi="Linkki toimii kerran ja on voimassa {until} asti. Kirjaudut sähköpostiosoitteellasi.",
                sv="Länken fungerar en gång och gäller till {until}. Du loggar in med din e-postadress.",
                en="The link works once and is valid until {until}. You sign in with your e-mail address.",
            ),
        ),
        button=TranslatedText(fi="Aseta salasana", sv="Välj lösenord", en="Set a password"),
        path="/staff/password",
        small=(
            TranslatedText(
                fi="Jos et odottanut tätä viestiä, jätä linkki avaamatta ja kerro siitä pääkäyttäjälle.",
                sv="Om du inte väntade dig det här meddelandet, öppna inte länken utan kontakta administratören.",
                en="If you did not expect this message, do not open the link, and tell your administrator.",
            ),
            ASK,
        ),
    ),
    MessagePurpose.TRIAL: MessageTexts(
        heading=TranslatedText(fi="Sähköposti toimii", sv="E-posten fungerar", en="E-mail works"),
        paragraphs=(
            TranslatedText(
                fi="Tämä on testiviesti palvelusta {service}. Sinun ei tarvitse tehdä mitään.",
                sv="Det här är ett testmeddelande från {service}. Du behöver inte göra någonting.",
                en="This is a test message from {service}. You do not need to do anything.",
            ),
        ),
    ),
}
