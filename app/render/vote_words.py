"""Texts of the slips for a meeting's vote."""

from app.core.languages import TranslatedText

TOLD = TranslatedText(
    fi=(
        "Lue QR-koodi puhelimella tai kirjoita osoite ja koodi. Äänestys on auki, kunnes se suljetaan kokouksessa, "
        "viimeistään {until}. Koodi toimii yhden kerran, eikä kukaan tiedä, kuka sai minkäkin lapun."
    ),
    sv=(
        "Läs av QR-koden eller skriv adressen och koden. Omröstningen är öppen tills den stängs på mötet, "
        "senast {until}. Koden fungerar en gång, och ingen vet vem som fick vilken lapp."
    ),
    en=(
        "Scan the QR code, or type the address and the code. The vote is open until it is closed in the meeting, "
        "{until} at the latest. The code works once, and no one knows who got which slip."
    ),
)
STEPS = (
    TranslatedText(
        fi="Tulosta yksipuolisena ja leikkaa katkoviivoja pitkin. Lappuja on {number}.",
        sv="Skriv ut ensidigt och klipp längs de streckade linjerna. Antalet lappar är {number}.",
        en="Print on one side only and cut along the dashed lines. There are {number} slips.",
    ),
    TranslatedText(
        fi="Taita laput ja sekoita ne. Jokainen nostaa omansa kokouksessa. Älä kirjaa, kuka otti minkäkin.",
        sv="Vik lapparna och blanda dem. Alla drar en lapp på mötet. Anteckna inte vem som tog vilken.",
        en="Fold them, mix them in a bowl and let everyone draw one in the meeting. Do not note who took which.",
    ),
    TranslatedText(
        fi="Jos laput tulostetaan uudelleen ennen ensimmäistä ääntä, nämä lakkaavat toimimasta.",
        sv="Om lapparna skrivs ut på nytt före den första rösten slutar de här att fungera.",
        en="If slips are printed again before the first vote, these stop working.",
    ),
    TranslatedText(
        fi="Sulje äänestys, kun kaikki ovat äänestäneet. Tulos näytetään, jos ääniä on vähintään viisi.",
        sv="Stäng omröstningen när alla har röstat. Resultatet visas om det finns minst fem röster.",
        en="Close the vote when everyone has voted. The result is shown if there are at least five votes.",
    ),
)
