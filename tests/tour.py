"""`make tour`: pictures of the running product on a phone and a desk, and the page that shows them.

Serves the sessions of VERBATIM_DATA (those of `make demo`), visits each page as a reader, and
writes docs/tour.md with its pictures beside it. Knows only addresses and what to look at.
"""

import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Page

from api.product import Product
from ingest.settings import Settings
from tests.support.browser import PHONE, launched, serving_app
from tests.support.paths import ROOT
from web.app import create_app

DOCS = ROOT / "docs"
DESK = (1280, 800)
MOST_BYTES = 1_500_000  # of all pictures: who clones the repository takes them along
_QUALITY = 62  # of WebP: letters stay sharp, a picture weighs some 30 kB
_SETTLED_MS = 500  # until a page that was scrolled is drawn


@dataclass(frozen=True)
class Stop:
    """A page of the tour; `at` is a selector that is brought to the top of the picture."""

    name: str
    title: str
    text: str
    path: str
    at: str = ""


def _asking(question: str, language: str = "") -> str:
    return f"{language}/?q={quote(question)}"


_FOLLOW_UPS = ".follow-ups"  # come after the answer, and stand below it
_COST = "Combien coûte la piste cyclable du quai du Soleil ?"
STOPS = (
    Stop(
        "accueil",
        "Poser une question",
        "En français de tous les jours, sans compte. Les exemples viennent des dernières séances.",
        "/",
    ),
    Stop(
        "reponse",
        "La réponse, ce sont les mots dits",
        "En haut, la décision ; puis ce qui a été dit, mot pour mot, avec qui, quand et sous quel "
        "point. Un chiffre corrigé depuis n'est jamais montré seul. Le bouton rond fait entendre "
        "exactement ces mots ; les mots peu sûrs sont soulignés.",
        _asking(_COST),
        ".exchange",
    ),
    Stop(
        "suite",
        "Continuer la conversation",
        "Les questions proposées ont été posées d'abord : chacune a une réponse.",
        _asking("Qu'est devenue la PR-21 ?"),
        _FOLLOW_UPS,
    ),
    Stop(
        "refus",
        "Quand rien ne répond, la page le dit",
        "Elle ne complète rien et montre, à part, ce qui s'en approche.",
        _asking("Combien coûte le nouveau tramway ?"),
        ".exchange",
    ),
    Stop(
        "seance",
        "Une séance à lire et à entendre",
        "Qui parle, et quand ; l'ordre du jour ; la recherche dans la séance.",
        "/seances/2025-04-08-piscine-creche",
    ),
    Stop(
        "lecture",
        "Le point en cours reste en vue",
        "Un clic sur un mot le fait entendre ; des mots sélectionnés se citent, se partagent, "
        "se téléchargent. Sous chaque point, qui en parle ; et comment chaque nom est connu.",
        "/seances/2025-04-08-piscine-creche",
        "#point-3",
    ),
    Stop(
        "objet",
        "Le dossier d'un objet",
        "Son parcours à travers les séances, ses votes, qui en a parlé.",
        "/objets/PR-12",
    ),
    Stop(
        "sujet",
        "Un sujet",
        "Ce dont le conseil parle, d'après ses ordres du jour et ses propres mots : les objets, "
        "et chaque phrase qui le nomme.",
        "/sujets/piscine",
    ),
    Stop(
        "personne",
        "Une personne",
        "Ses interventions, son temps de parole, ce qu'elle a proposé.",
        "/personnes/claire-fontanet",
    ),
    Stop("decisions", "Les décisions", "À filtrer, et à emporter en CSV.", "/decisions"),
    Stop(
        "fonctionnement",
        "Comment ça marche",
        "Les taux d'erreur mesurés, en clair.",
        "/comment-ca-marche",
    ),
    Stop(
        "anglais",
        "Dans une autre langue",
        "L'interface parle français, anglais, allemand et arabe ; les citations restent dans la "
        "langue où elles ont été dites.",
        _asking("How many trees will be cut down?", "/en"),
        ".exchange",
    ),
)
SIZES = (("telephone", PHONE), ("bureau", DESK))


def pictures(page: Page, origin: str, size: str) -> Iterator[tuple[str, bytes]]:
    """Each stop as a picture in WebP, under its file's name."""
    for stop in STOPS:
        page.goto(origin + stop.path, wait_until="networkidle")  # with what follows an answer
        if stop.at:
            block = "end" if stop.at == _FOLLOW_UPS else "start"
            page.locator(stop.at).first.evaluate("(e, block) => e.scrollIntoView({block})", block)
            page.wait_for_timeout(_SETTLED_MS)
        shown = Image.open(io.BytesIO(page.screenshot()))
        file = io.BytesIO()
        shown.convert("RGB").save(file, "WEBP", quality=_QUALITY, method=6)
        yield f"{stop.name}-{size}.webp", file.getvalue()


def page_of(stops: Sequence[Stop]) -> str:
    """The tour as Markdown."""
    parts = [
        "# Visite en images",
        "Faite par `make tour` sur le produit en marche, avec les séances d'exemple (inventées). "
        "À gauche un téléphone, à droite un ordinateur.",
    ]
    for stop in stops:
        phone, desk = (f"tour/{stop.name}-{size}.webp" for size, _ in SIZES)
        parts += [
            f"## {stop.title}",
            stop.text,
            f'<img src="{phone}" alt="{stop.title}, sur un téléphone" width="250"> '
            f'<img src="{desk}" alt="{stop.title}, sur un ordinateur" width="640">',
        ]
    return "\n\n".join(parts) + "\n"


def main() -> int:
    """Write the pictures and the page; 1 where they weigh too much."""
    product = Product(Settings())
    product.warm()
    folder = DOCS / "tour"
    folder.mkdir(exist_ok=True)
    made: dict[str, bytes] = {}
    with serving_app(create_app(product.deps())) as origin, launched() as browser:
        for size, (width, height) in SIZES:
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme="light"
            )
            made |= pictures(page, origin, size)
    weight = sum(map(len, made.values()))
    if weight > MOST_BYTES:
        print(f"{weight} bytes of pictures: {MOST_BYTES} at most.", file=sys.stderr)
        return 1
    for old in folder.glob("*.webp"):
        old.unlink()
    for name, content in made.items():
        (folder / name).write_bytes(content)
    (DOCS / "tour.md").write_text(page_of(STOPS), "utf-8")
    print(f"{len(made)} pictures, {weight / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
