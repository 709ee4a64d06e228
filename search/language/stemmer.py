"""A French word's stem: plurals, feminines and verb forms made one, derivations only where safe.

Knows single folded words (`ingest.text.fold`), hence no accents. Snowball does the regular part;
what it misses or confuses in the words of a council stands here as patterns of conjugation and
small tables. What comes out is for matching only.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

from ingest.text import fold

__all__ = ["stem"]


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


def _forms(bases: str, endings: str) -> Iterator[tuple[str, str]]:
    """Each base with each ending, leading to the base with the first of them; `-` is no ending."""
    listed = ["" if ending == "-" else ending for ending in endings.split()]
    return ((base + end, base + listed[0]) for base in bases.split() for end in listed)


def _same(groups: str) -> Iterator[tuple[str, str]]:
    """A line lists forms of one word: all lead to the first."""
    for line in groups.strip().splitlines():
        head, *_ = words = line.split()
        yield from ((word, head) for word in words)


def _keep(families: str) -> Iterator[tuple[str, str]]:
    """Words that stay as they are, in singular and plural."""
    for word in families.split():
        yield from ((word, word), (f"{word}s", word))


# Endings of the third group, present, past, imperfect, future and participles that are spoken.
_FUTURE = "ra rai rais rait raient ras rez ront rons rions riez"
_IRREGULAR_VERBS = (
    (
        "rend vend revend attend entend etend defend depend pretend suspend descend tend repand"
        " confond correspond repond perd",
        f"- re s e es ent ons ez u ue us ues ait aient ant ions iez {_FUTURE}",
    ),
    (
        "constru reconstru detru instru condu produ reprodu redu tradu introdu dedu cu",
        "ire is it ite its ites ise ises isent isons isez isait isaient isant"
        " ira irai irait iraient irez iront irons",
    ),
    (
        "t sout maint cont obt ret det entret abst appart v dev rev conv interv parv prev subv"
        " prov",
        "enir iens ient ienne iennes iennent enons enez enu enue enus enues enait enaient enant"
        " iendra iendrai iendrait iendraient iendrez iendront iendrons",
    ),
    (
        "pr compr appr repr surpr entrepr",
        "endre end ends enons enez ennent enne ennes enait enaient enant"
        " endra endrai endrait endraient endrez endront endrons",
    ),
    (
        "perm prom soum adm comm rem transm em om comprom m",
        "ettre et ets ette ettes ettent ettons ettez ettait ettaient ettant"
        " ettra ettrait ettraient ettront ettrons",
    ),
    ("pr compr appr repr surpr", "endre is ise ises"),
    ("m prom soum adm rem transm em om", "ettre is ise ises"),
    (
        "ouv couv decouv recouv off souff",
        "rir re res rent rons rez rait raient rant ert erte erts ertes rira rirait riront rirons",
    ),
    (
        "rec dec conc perc aperc",
        "evoir ois oit oive oivent evons evez evait evaient evant u ue us ues"
        " evra evrait evraient evront evrons",
    ),
    (
        "connai reconnai parai apparai disparai",
        "tre s t sse ssent ssons ssez ssait ssaient ssant tra trait traient tront trons",
    ),
    (
        "crai plai contrai attei etei pei joi rejoi restrei crei",
        "ndre ns nt nte nts ntes gne gnent gnons gnez gnait gnaient gnant"
        " ndra ndrait ndront ndrons",
    ),
    ("sui poursui", "vre s t vent vons vez vi vie vis vies vait vaient vant vra vrait vront"),
    ("v surv", "ivre it ivent ivons ivez ecu ecue ecus ecues ivait ivaient ivant ivra ivront"),
    ("ecri inscri decri prescri souscri", "re s t te ts tes ve vent vons vez vait vaient vant ra"),
    ("li reli eli reeli", "re sent sons sez sait saient sant ra ront"),
    ("di interdi contredi predi", "re t te ts tes sent sons sait saient sant ra rait ront"),
    ("inclu exclu conclu", "re - e s t ent es ons ez se ses ait aient ra ront"),
    ("pa essa bala", "yer ie ies ient iera ierait ieront iement iements yement yements"),
    ("netto emplo envo renvo deplo octro appu essu ennu", "yer ie ies ient iera ierait ieront"),
    (
        "pa essa bala netto emplo envo renvo deplo octro appu essu ennu",
        "yer ye yes yee yees yent yons yez yait yaient yant yions",
    ),
)
_SAME_WORD = """
voir voit vois voient voyons voyez voyait vu vus verra verrait verront
prevoir prevoit prevois prevoient prevoyons prevoyez prevoyait prevu prevue prevus prevues prevoira
revoir revoit revoient revoyons revu revus reverra
devoir devoirs due dus dues
pouvoir pouvoirs
vouloir voulu voulue voulus
savoir sait sais savent savons savez savait savaient su saura saurait sauront sache sachent
croire croit crois croient croyons croyez croyait croyaient cru
partir pars partent partons partait partaient partira partirait partiront
sortir sort sors sortent sortons sortait sorti sortis sortira
sentir sent sentent sentons sentait senti
servir sert sers servent servons servait servaient servi servira serviront
courir court cours courent couru courra
mourir meurt meurent mort morts mourait mourra
naitre nait naissent ne nee nes nees naitra
resoudre resout resolvent resolu resolue resolus resolues resoudra
convaincre convainc convainquent convaincu convaincue convaincus
acquerir acquiert acquierent acquis acquise acquises acquerra
dissoudre dissout dissoute
satisfaire satisfait satisfaits satisfaite satisfaites satisfont
nouveau nouveaux nouvel nouvelle nouvelles
beau beaux bel belle belles
vieux vieil vieille vieilles
gros grosse grosses
bas basse basses
public publics publique publiques
franc francs
blanc blancs blanche blanches
frais fraiche fraiches
long longs longue longues
doux douce douces
faux fausse fausses
roux rousse rousses
fou fous folle folles
grec grecs grecque grecques
turc turcs turque turques
laic laics laique laiques laicite
sec secs seche seches
bref brefs breve breves
neuf neufs neuve neuves
juif juifs juive juives
veuf veufs veuve veuves
maitre maitres maitresse maitresses
maire maires mairesse mairesses
compagnon compagnons compagne compagnes
copain copains copine copines
chef chefs cheffe cheffes
oeil yeux
ciel cieux
travail travaux
bail baux
vitrail vitraux
corail coraux
email emaux
soupirail soupiraux
monsieur messieurs
madame mesdames
preau preaux
tuyau tuyaux
noyau noyaux
joyau joyaux
fleau fleaux
landau landaus
etau etaux
conseiller conseillers conseillere conseilleres
etranger etrangers etrangere etrangeres
usager usagers usagere usageres
passager passagers passagere passageres
menager menagers menagere menageres
leger legers legere legeres
boulanger boulangers boulangere boulangeres
boucher bouchers bouchere boucheres
cher chers chere cheres
entier entiers entiere entieres
refus refuser
elire elit
revenu revenus
subvention subventions subventionner subventionne subventionnee subventionnes subventionnees
vehicule vehicules
parti partis
partie parties
part parts
commune communes
commun communs
communication communications
communiste communistes
petition petitions
petitionnaire petitionnaires
habitant habitants habitante habitantes
employe employes employee employees
equipement equipements
terrasse terrasses
organisme organismes
mobilite mobilites
piscine piscines
votation votations
tous toute toutes
"""
_KEPT = """
loyer foyer conseil villa opera agora taxi cinema bureau bus campus virus corpus bonus terminus
processus consensus cursus focus minibus trolleybus pays paris temps corps gens fonds repas colis
relais palais marais biais avis preavis devis permis commis compromis tapis logis parvis sursis
prix choix voix croix noix paix taux chaux deux jus abus surplus acces proces exces succes congres
progres
"""
_INVARIABLE = _words(_KEPT)  # neither plural of something shorter, nor a form of a verb

_TABLE: dict[str, str] = {}
for _bases, _endings in _IRREGULAR_VERBS:
    _TABLE.update(_forms(_bases, _endings))
_TABLE.update(_same(_SAME_WORD))
_TABLE.update(_keep("loyer foyer conseil villa opera agora taxi cinema bureau"))
_TABLE.update((word, word) for word in _INVARIABLE)

_PLURAL_IN_X = _words("""
jeux feux lieux cheveux voeux neveux aveux enjeux milieux adieux essieux pneux
choux genoux bijoux cailloux hiboux joujoux
""")
# Verbs of what a council decides and does, whose plural forms Snowball leaves. Not every verb: for
# nouns end so too (president, canton), and joining verbs of speech (ils discutent) lost hits.
_VERBS = _words("""
accept adopt approuv vot refus rejet amend propos demand cout financ subventionn ferm augment
diminu baiss hauss retir renonc circul roul habit travaill install abaiss limit supprim ajout
modifi appliqu respect engag embauch licenci form soign aid log plant coup amenag renov
restaur transform utilis consomm economis emprunt rembours deplac gar stationn verbalis tax
factur gagn rapport cre termin autoris toler organis control evalu etudi analys negoci sign
mandat encourag invit
""")
_ION = _words("""
camion million union reunion opinion region religion champion lion espion communion legion
pion scorpion bastion pavillon
""")
_REGULAR = (
    (re.compile(r"trice$"), "teur"),
    (re.compile(r"(?<=\w\w\w)eu(?:x|se)$"), "eur"),
    (re.compile(r"(?<=\w\w\w)eure$"), "eur"),
    (re.compile(r"(?<=\w\w)(ai|oi)se$"), r"\1"),
    (re.compile(r"(?<=\w\w\w)iere$"), "ier"),
)
_ACCENTED = re.compile(r"(?:(it)e|(e)e|erent)$")
_SHORTEST = 4  # letters of a word that can have an ending


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a folded word; of one with digits or other letters than a-z, the word.

    >>> stem("travaux"), stem("soutiennent"), stem("conseilleres")
    ('travail', 'soutenir', 'conseiller')
    """
    if not word.isascii() or not word.isalpha():
        return word
    return _TABLE.get(word) or _regular(word)


def _regular(word: str) -> str:
    one = _singular(word) if len(word) >= _SHORTEST else word
    if one in _TABLE:
        return _TABLE[one]
    for pattern, replacement in _REGULAR:
        one = pattern.sub(replacement, one)
    # A stemmer object is not thread-safe; making one is cheap and the cache makes it rare.
    found = fold(Stemmer.Stemmer("french", 0).stemWord(_ACCENTED.sub(_accent, one)))
    if found.endswith("if") and len(found) >= _SHORTEST:
        return found[:-1] + "v"
    return found or word


def _singular(word: str) -> str:
    """A plural's singular; of a verb in _VERBS its infinitive."""
    if word[:-3] in _VERBS and word.endswith(("ent", "ons")):
        return f"{word[:-3]}er"
    if word in _PLURAL_IN_X or word.endswith("eaux"):
        return word[:-1]
    if word.endswith("aux"):
        return word[:-2] + "l"
    if word.endswith("s") and not word.endswith("ss") and not _is_verb_in_ons(word):
        return word[:-1]
    return word


def _is_verb_in_ons(word: str) -> bool:
    """Poserons, posions: Snowball knows these endings, but not without their s."""
    if word.endswith("ions"):
        return len(word) > _SHORTEST and word[-5] not in "tsx" and word[:-1] not in _ION
    return word.endswith(("erons", "irons"))


def _accent(match: re.Match[str]) -> str:
    """Give back the accents that Snowball's suffix rules look for: securite -> securité."""
    text = match.group()
    if text == "erent":
        return "èrent"
    return "ité" if text == "ite" else "ée"
