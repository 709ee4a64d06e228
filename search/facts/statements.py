"""Statements that correct a figure: which sentences make them, and which figures they are about.

Pure. A correction is admitted ("je dois corriger", "le rapport contient une erreur"), or a figure
replaces another in one breath ("pas 40, mais 11"), or it is told as the newer one ("passe à",
"finalement"). What is only proposed, wished or asked corrects nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz import fuzz

from search.facts.figures import Figure, Kind, figures, normal
from search.language.stems import stems

_A_FIGURE = (
    r"(?:chiffres?|montants?|dates?|nombres?|delais?|durees?|prix|couts?|calculs?|informations?)"
)
_ADMITTED = re.compile(
    r"\b(?:(?:dois|devons|veux|voudrais|voulais|voulons|souhaite|souhaiterais|souhaitais|aimerais"
    r"|tiens a|permet\w* de|permettez-moi de|permettrai de|vais|allons|faut|ai a|avons a|oblige de"
    r"|convient de|reste a|profite pour) (?:[a-z']{1,12} ){0,3}(?:corriger|rectifier|dementir)"
    r"|(?:je|nous|j'ai|avons) (?:vous |le |la |les |l'|me |ici |donc |aussi ){0,2}"
    r"(?:corrige|corrigeons|rectifie|rectifions|demens)\b"
    r"|(?:corriger|rectifier|rectification|correction) (?:de |d'|a )?"
    r"(?:une?|l[ea]s?|l'|ce|cette|ces|des|du|votre|vos|mon|mes|leur|son)? ?"
    rf"(?:[a-z]+ )?{_A_FIGURE}"
    r"|une (?:petite |breve |legere )?(?:correction|rectification)\b|errat(?:um|a)\b|mea culpa\b"
    r"|(?:me|m'|nous|s'|se|t') ?(?:suis|sommes|est|sont|etais|etions|etait|avons) "
    r"(?:\w+ )?tromp\w+|(?:se|vous vous) tromp(?:e|ez|ent|ait|aient)\b"
    r"|(?:s'est|se sont) glissee?s? (?:[a-z]+ ){0,3}dans"
    r"|(?:contient|contenait|contiennent|comporte|comportait|comprend|comprenait|renferme"
    r"|y a(?:vait)?|y a eu|s'est glisse\w*|figure|presente) (?:[a-z]+ ){0,2}"
    r"(?:erreurs?|coquilles?|faute de frappe|inexactitudes?)"
    r"|(?:une|l'|mon|notre|cette) ?(?:[a-z]+ )?erreur (?:de (?:plume|frappe|calculs?|chiffres?"
    r"|transcription|dates?|saisie|ma part|notre part)|dans )"
    r"|(?:est|etait) (?:tout simplement |simplement |completement |totalement |malheureusement )?"
    r"(?:errone|inexact|incorrect|faux|fausse)e?s?\b"
    r"(?! de (?:dire|pretendre|penser|croire)| que)"
    r"|n'(?:est|etait) (?:pas|plus) (?:tout a fait )?(?:exact|correct)e?s?\b"
    r"(?! de | que)"
    rf"|{_A_FIGURE} (?:n'(?:est|etait) (?:pas|plus) l[ea] bon"
    r"|(?:[a-z]+ ){0,2}(?:fausse|faux|errone|inexact|corrige|perime|obsolete|depasse)\w*)"
    r"|version corrige\w*"
    r"|contrairement a ce (?:que j'ai|qu'on a|que vous avez|que l'on a|que nous avons"
    r"|que (?:dit|indique|pretend|affirme)|qui (?:a ete|figure|est ecrit|etait)))"
)
"""Somebody says that what was said or written is not right."""

_NEWER = re.compile(
    r"\b(?:finalement|au final|desormais|dorenavant|n'est plus|ne (?:sera|seront) plus"
    r"|n(?:on|'ont) pas|et non (?!des moindres)|au lieu d|plutot que|reevalu\w+|reestim\w+"
    r"|actualis\w+|mise? a jour|revue?s? (?:a|au|de|en|et)\b"
    r"|(?:reporte|repousse|retarde|decale|differe|avance|prolonge|ajourne)(?:e?s?|ra|ront)? "
    r"(?:a|au|aux|de|d'|en|jusqu)\b"
    r"|nouve(?:l|lle|au|aux|lles) (?:cout|montant|devis|chiffres?|estimations?|calendrier|dates?"
    r"|delais?|prix|budget|echeance|duree|evaluation|calculs?|planning|total)"
    r"|(?:passe|passent|passera|passeront) (?:[^,;.]{1,30} )?a|en realite|(?<!jusqu')a present"
    r"|(?:annonc\w+|est|sont|sera|coute\w*|s'eleve|estim\w+|prev\w+|atteint) maintenant"
    r"|(?:est|sont|sera|seront|a ete|ont ete|se trouve) (?:\w+ )?"
    r"(?:porte|ramene|releve|abaisse|augmente|reduit)\w* (?:de [^,;.]{1,30} )?(?:a|au)\b"
    r"|(?:a|ont) (?:encore )?(?:augmente|rencheri|baisse|diminue)\b"
    r"|derni(?:er|ers|ere|eres) (?:chiffres?|estimations?|devis|calculs?|evaluations?))"
)
"""Words of a figure that takes the place of one that was told before."""

_DENIAL = re.compile(
    r"\b(?:pas|plus|non|n'ont|ni|lieu d\w*|plutot|etai(?:t|ent)|devai(?:t|ent)|initialement"
    r"|auparavant)\b(?: [a-z'-]+){0,6} "
    r"(?:\d|[a-z-]*(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|ze|ingt|nte"
    r"|cent|mille|demi|e[mr]bre|janvier|fevrier|mars|avril|mai|juin|juillet|aout))"
)

_MERELY = re.compile(
    r"\bamendement|\b(?:propos(?:e|es|ons|ez|ent|ait|er)|souhait\w+|aimer\w+|voudr\w+|suggere\w*"
    r"|il faut|faudr\w+|devr(?:ait|aient|ions)|pourr\w+|vise(?:nt)? a|si (?:on|nous|l'on|vous|je)"
    r"|imagin\w+|supposons|certains (?:disent|pretendent)|a la place"
    r"|(?:voulons|veut|veulent|veux|exige\w*|reclame\w*|demande\w*|preconise\w*) "
    r"(?:que|de (?:porter|ramener|passer|fixer|limiter)|d'augmenter))\b"
    r"|\b(?!parait|extrait|portrait|retrait|attrait)[a-z]{2,}[eidvu]rai(?:t|ent)\b|\?"
)
"""Proposed, wished, supposed or asked: no fact."""

_COST = re.compile(
    r"\b(?:cout\w*|coup|credits?|prix|montants?|budget\w*|factures?|devis|investi\w+|depens\w+"
    r"|demand\w+|enveloppe|financ\w+|sommes? de)\b"
)
_IT = re.compile(r"\b(?:elles?|ils?|cela|c'est|ce sera)\b")
_SCHEDULED = re.compile(
    r"\b(?:commenc|debut|demarr|ouvr|ouvert|lanc|livr|termin|achev|fini|fin d|inaugur|entr\w+ en"
    r"|mise? en|aur(?:a|ont) lieu|prevu|attendu|report|repouss|retard|decal|planifi|fix|d'ici|jusqu"
    r"|ferm|revien|retour|dem[ée]nag|chantier|travaux|pret|emmenag|install|vot|rend)"
)
_GENERIC = frozenset(stems(
    "être avoir faire devoir pouvoir aller vouloir dire savoir falloir passer porter élever fixer "
    "annoncer prévoir prévu estimer estimation évaluer représenter atteindre compter indiquer lire "
    "finalement désormais dorénavant maintenant total totale global nouveau nouvelle dernier "
    "chiffre montant somme nombre environ près pendant durant durer durée depuis mois an année "
    "semaine jour heure francs million rapport commission conseil ville service seulement "
    "exactement monsieur madame président présidente collègue cher effet réalité actuel "
    "actuellement corriger rectifier erreur tromper demander coûter coût coup crédit prix budget "
    "facture devis fin début courant avant après projet reporter repousser retarder décaler "
    "différer avancer prolonger ajourner ramener relever abaisser augmenter réduire réévaluer "
    "actualiser revoir promettre falloir payer loi article texte séance ordre réduction hausse "
    "baisse augmentation allègement économie perte bénéfice lieu présent conduire conduirait "
    "permettre été peu rappeler plus rectifie rectifions corrige exact taux part pourcentage tard"
))  # fmt: skip
"""Stems that do not tell what a figure is of."""

_SAME = {
    stem: name
    for name, words in {
        "=start": "commencer débuter démarrer ouvrir ouverture lancer début entamer débutera",
        "=end": "finir terminer achever clore livrer livraison fin achèvement",
        "=works": "chantier travaux construction",
    }.items()
    for stem in stems(words)
}
_BOUNDS = frozenset({"=start", "=end"})
_NEGATED = re.compile(r"\bn(?:e |')[a-z' -]{1,30}\b(?:pas|plus)\b")
_PRONOUN = re.compile(r"(?:mais |car |et |en fait,? )?(?:elles?|ils?|cela|ca) ")
_SCOPE = 2  # sentences after the one that admits an error, in which the right figure follows
_NEAR, _BEYOND = 80, 30  # characters before and after a figure in which it is called newer
_PAUSE = re.compile("[,.;:!?()]")
_RIGHT_WORDS = 4  # after a figure that tell what it is of
_TWO = 2  # words in common that make two amounts the same, where neither is called a cost
_TELLING = 10  # a count that is denied by its figure alone, where another noun is said
_ROOT, _SUFFIX = 4, 5  # letters that words of one family share at least, and differ in at most
_LONG, _ALIKE = 6, 82  # letters; likeness of 100 that two hearings of one noun have


@dataclass(frozen=True)
class CorrectingStatement:
    """A figure that corrects another, told by sentences `first` to `last` (both included).

    `replaced` are the figures that the same words say not to hold. `admitted`: an error is named;
    `newer`: it is told as the newer figure.
    """

    figure: Figure
    replaced: tuple[Figure, ...]
    first: int
    last: int
    admitted: bool
    newer: bool

    def corrects(self, old: Figure, topic: frozenset[str], *, same_debate: bool) -> bool:
        """Does it correct this figure, told before of the same object? `topic`: its stems."""
        new = self.figure
        if not new.differs(old) or (new.periodic != old.periodic and not self.replaced):
            return False
        one, two = (_less(_subject(figure), topic) for figure in (new, old))
        for replaced in self.replaced:
            if replaced.same(old) and _of_same(replaced, old, one, two, admitted=self.admitted):
                return True
        if self.replaced:
            return False  # it names what it replaces: another figure
        if not self.admitted and (same_debate or not self.newer or _of_other_years(new, old)):
            return False
        return _one_subject(new, old, one, two, admitted=self.admitted)


def is_cue(folded: str) -> bool:
    """Can this text correct a figure? A quick look."""
    return any(pattern.search(folded) for pattern in (_ADMITTED, _NEWER, _DENIAL))


def statements(sentences: Sequence[str]) -> Iterator[CorrectingStatement]:
    """The statements that correct a figure, of the folded sentences of one turn."""
    normals = [normal(sentence) for sentence in sentences]
    told: list[tuple[Figure, ...]] = []
    for last, sentence in pairwise(("", *normals)):
        before = told[-1] if told else ()
        counted = next((one.noun for one in before if one.kind is Kind.COUNT), "")
        # « Le délai n'est pas de cinq mois. Il est de ... » is of what was denied
        subject = last if _NEGATED.search(last) and _PRONOUN.match(sentence) else ""
        told.append(figures(sentence, counted, subject))
    admitting, after = -_SCOPE - 1, 0
    for at, sentence in enumerate(normals):
        if admits := _ADMITTED.search(sentence):
            admitting, after = at, admits.end()
        if not told[at] or _MERELY.search(_ADMITTED.sub("", sentence)):
            continue
        right = admitting
        for figure in told[at]:
            if figure.denied:
                continue
            newer = bool(_NEWER.search(sentence[max(0, figure.at - _NEAR) : figure.at + _BEYOND]))
            admitted = at - admitting <= _SCOPE and (at > admitting or figure.at >= after)
            first, replaced = _replaced(told, at, figure, admitting if admitted else at - 1)
            if admitted or newer or replaced:
                start = min(first, admitting) if admitted else first
                yield CorrectingStatement(figure, replaced, start, at, admitted, newer)
            if admitted:
                right = -_SCOPE - 1  # the right figure is told: what follows is something else
        admitting = right


def _replaced(
    told: Sequence[Sequence[Figure]], at: int, figure: Figure, since: int
) -> tuple[int, tuple[Figure, ...]]:
    """The figures of its kind that are denied beside it, and the first sentence that does."""
    first, replaced = at, list[Figure]()
    for n in range(max(since, 0), at + 1):
        denied = [one for one in told[n] if one.denied and one.differs(figure)]
        if denied:
            first = min(first, n)
        replaced += denied
    return first, tuple(replaced)


def _of_same(
    replaced: Figure, old: Figure, one: frozenset[str], two: frozenset[str], *, admitted: bool
) -> bool:
    """Is a figure that is replaced by name the one told before, not one of another thing?

    `one` and `two` say what the new and the old figure are of.
    """
    if old.kind is Kind.COUNT:
        return _alike(replaced.noun, old.noun) or float(old.value) >= _TELLING
    if old.kind is Kind.AMOUNT and admitted:
        return True
    return not one or _share(one, two)


def _of_other_years(new: Figure, old: Figure) -> bool:
    """Is each of a year of its own? What is planned for a date is not meant."""
    return new.kind is not Kind.DATE and new.of != old.of and not (new.of & old.of)


def _one_subject(
    new: Figure, old: Figure, one: frozenset[str], two: frozenset[str], *, admitted: bool
) -> bool:
    """Are two figures of one kind of the same thing, both said under one topic?"""
    if new.kind is Kind.AMOUNT:
        return _one_price(new, old, one, two, admitted=admitted)
    if new.kind is Kind.COUNT:
        alike = _alike(new.noun, old.noun)
        return alike and (_share(one | _said_of(new), two | _said_of(old)) or not (one or two))
    if new.kind is Kind.DURATION:
        one, two = one | _said_of(new), two | _said_of(old)
    if new.kind is Kind.DATE and not all(_SCHEDULED.search(f.before) for f in (new, old)):
        return False  # what is past and dated is not put off
    if one & _BOUNDS and two & _BOUNDS and not one & two & _BOUNDS:
        return False  # when it begins and when it ends are two things
    if one == two and one <= _BOUNDS:  # « l'ouverture », « elle commencera »: the agenda names it
        return bool(one) or (new.noun == old.noun and _share(_subject(new), _subject(old)))
    return _share(one - _BOUNDS, two - _BOUNDS)


def _one_price(
    new: Figure, old: Figure, one: frozenset[str], two: frozenset[str], *, admitted: bool
) -> bool:
    """Are two amounts the cost of the object itself, or else of the same thing?"""
    cost = bool(_COST.search(new.before))
    if cost is not bool(_COST.search(old.before)):
        return False
    if cost or (admitted and (one or _IT.search(new.before))):
        return not (one or two) or _share(one, two)
    return len(_shared(one, two)) >= _TWO or (one == two and bool(one))


def _said_of(figure: Figure) -> frozenset[str]:
    """Stems of the words after a figure: « 8 platanes qui seront abattus »."""
    words = _PAUSE.split(figure.after)[0].split()[:_RIGHT_WORDS]
    if figure.kind is Kind.COUNT and words and words[0].startswith(("d'", "de", "du")):
        return frozenset()  # of the noun itself: « six appels d'offres »
    return frozenset(_SAME.get(s, s) for s in set(stems(" ".join(words))) - _GENERIC)


def _subject(figure: Figure) -> frozenset[str]:
    return frozenset(_SAME.get(stem, stem) for stem in figure.around - _GENERIC)


def _less(subject: frozenset[str], topic: frozenset[str]) -> frozenset[str]:
    return frozenset(stem for stem in subject if not any(_alike(stem, one) for one in topic))


def _share(one: frozenset[str], two: frozenset[str]) -> bool:
    return bool(_shared(one, two))


def _shared(one: frozenset[str], two: frozenset[str]) -> frozenset[str]:
    return frozenset(first for first in one if any(_alike(first, second) for second in two))


def _alike(one: str, two: str) -> bool:
    """The same stem, of the same family (ferm-ée, ferm-eture), or a long one misheard."""
    short, long = sorted((one, two), key=len)
    if short == long or (
        len(short) >= _ROOT and long.startswith(short) and len(long) <= len(short) + _SUFFIX
    ):
        return bool(short)
    return len(short) >= _LONG and fuzz.ratio(one, two) >= _ALIKE
