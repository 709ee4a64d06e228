"""Which kind of answer a question wants, which detail, and which decision it takes for granted.

Patterns over folded French, the names and dates that became filters already cut out; a few for the
other languages. Keywords count too: « prix entrée piscine » asks for an amount.
"""

import re

from search.filters import Outcome
from search.query.parsed import Detail, Intent
from search.query.speech_acts import SAYS

_DECIDED = (
    r"(?:accept|refus|adopt|rejet|class|renvoy|retir|approuv|report|ajourn|vot|valid|repouss|balay|decid)"
    r"(?:ee?s?)"
)
_DISCUSSED = (
    r"(?:parl|discut|debatt|abord|evoqu|trait|vot|decid|accept|refus|adopt|rejet|mentionn|dit|depos"
    r"|present|examin|soulev)(?:ee?s?|u|ue|es|us|ues|e|er|re|ie)?"
)
_PRONOUN = r"(?:t-)?(?:on|il|elle|ils|elles|nous|vous)"
_HAVE = rf"(?:(?:a|ont|avons|avez|est|s'est|se sont|etait|avait|avaient|fut)[- ](?:{_PRONOUN} )?)"
_PEOPLE = (
    r"(?:qui|quels? (?:elu|depute|parti|groupe|conseiller)\w*|quelles? \w+|lesquels?|laquelle)"
)
_PEOPLE_ASKED = r"(?:qui\b|quels? (?:elu|depute|orateur|parti|groupe|conseiller)|lesquels?\b)"
_WORTH = (
    r"prix|couts?|tarifs?|montants?|budgets?|credits?|sommes?|subventions?|loyers?|salaires?"
    r"|amendes?|taxes?|factures?|depenses?|economies|deficits?|dettes?|primes?|cotisations?"
)
_PAYS = (
    r"cout|vers|paie|paient|payer|paye|depens|rapport|investi|vaut|factur|economis|gagn|touch"
    r"|financ|rembours|encaiss"
)
_MONEY = r"(?:francs?|euros?|chf|argent|millions?|milliards?|sous|frais)"
_KINDS: dict[Intent, tuple[str, ...]] = {
    Intent.WHY: (
        r"^(?:et |mais |alors )?pourquoi\b|^(?:et )?pour quelles? raisons?|^why\b|^warum\b",
        r"^wieso\b|^(?:y )?por que\b|^(?:e )?perche\b|^لماذا",
    ),
    Intent.WHEN_DISCUSSED: (
        rf"^(?:et )?quand (?:est-ce qu(?:e |')(?:on |nous )?)?{_HAVE}(?:ete |deja |on )*"
        rf"{_DISCUSSED}",
        r"^(?:et )?quand parl|depuis quand (?:parle|discute|debat)",
        r"\b(?:dans|lors de|pendant|a|au cours de) quel(?:le|les|s)? (?:seance|session|debat)",
        r"^quelles? seances?|combien de fois (?:a-t-on|on a|a-t-il ete|avons-nous)",
        r"when (?:was|were|did) .*(?:discuss|debat|talk|mention|vote)",
        r"wann wurde .*(?:diskutiert|besprochen|debattiert|behandelt)",
    ),
    Intent.AGAINST: (
        rf"^{_PEOPLE} (?!.{{0,40}}\bete ).{{0,30}}\b(?:oppose|contre|refuse|combat|conteste"
        r"|rejete|critique)",
        r"\bopposants?\b|\badversaires (?:de|du|des|a)\b|arguments? contre",
        r"^qui ne veu(?:len)?t pas",
        r"who (?:opposed|opposes|voted against|was against|is against)|wer (?:war|ist) .*gegen",
        r"quien(?:es)? se opus|quem se opos|chi si e oppost",
    ),
    Intent.FAVOUR: (
        rf"^{_PEOPLE} .{{0,30}}\b(?:souten|soutien|defend|favorable|en faveur|vote pour)",
        rf"^{_PEOPLE} (?:est|etait|sont|etaient) (?:\w+ )?pour",
        r"\bpartisans?\b (?:de|du|des)|arguments? (?:pour|en faveur)",
        r"who (?:supported|supports|voted for|is for)|wer (?:war|ist) .*(?:dafur|fur)",
    ),
    Intent.VOTE: (
        r"\b(?:resultats?|issue|decompte|scores?) (?:du |des |de |d'un |de la )?(?:votes?|scrutins?"
        r"|votations?)|^(?:et )?(?:les? )?resultats?$",
        r"^(?:quelles? (?:sont|ont ete|furent|etaient) |(?:la )?liste (?:de |des )?|listez )"
        r"(?:toutes |tous )?(?:les )?(?:decisions?|votes?|scrutins?)\b",
        r"^(?:les )?decisions (?:d[eu]|prises?)\b",
        r"^(?!qui |pourquoi |quand )[^?]*\bscrutins?\b",
        r"\bresultats? .*\bvot|\bsort (?:de|du|fut|a ete|reserve)\b",
        r"\bvotes? (?:sur|de|du|des|pour|final|concernant)|^(?:les? )?votes?\b|au moment du vote",
        r"(?:accept|adopt)e\w* ou (?:refuse|rejete|non|pas)|par combien de voix",
        r"(?:refus|rejet)e\w* ou (?:accept|adopt)e",
        r"combien de (?:oui|non|voix|abstentions?|votes)",
        rf"\b(?:a|ont|est|sont|etait)[- ](?:{_PRONOUN} )?(?:bien |deja |finalement |ete )*"
        rf"{_DECIDED}",
        rf"\bete (?:bien |finalement )?{_DECIDED}",
        r"(?<!s')\b(?:a|est|sont)(?:(?:-t)?-(?:ils?|elles?))? passee?s?\b(?! a\b| de\b)",
        r"qu'(?:est|a)[- ](?:devenue?|donne le vote)|que deviennent|comment .{0,25}\bvote",
        r"\b(?:was|were) .{0,60}\b(?:accepted|rejected|adopted|approved|refused)\b",
        r"\bwurden? .{0,60}\b(?:angenommen|abgelehnt)\b",
        r"vote result|results? of the (?:vote|ballot)|how did .* vote|abstimmung|what happened to",
        r"resultado (?:de|da) vota",
        r"del voto\b",
    ),
    Intent.WHEN: (
        r"\bquand\b(?! meme)|\b(?:quelles?|les?) (?:dates?|heures?)\b(?! de)",
        r"quel (?:jour|mois|delai)",
        r"quelle (?:annee|duree|heure)|combien (?:de (?:temps|mois|jours|semaines|minutes)"
        r"|d'(?:annees|heures))|^(?:duree|date|heure|calendrier|delai) d[eu']",
        r"\bwhen\b|how long|\bwann\b|wie lange|\bcuando\b|متى",
    ),
    Intent.AMOUNT: (
        # « combien de familles paient » counts families, « combien paient les familles » francs
        rf"combien (?!d[e'])(?:.{{0,40}}\b)?(?:{_PAYS})|combien d[e'] ?{_MONEY}\b|^a combien",
        r"^c'est combien\b(?! d[e'])",
        rf"\b(?:{_PAYS})\w* (?:.{{0,30}}\b)?combien\b(?! d[e'])|\bchf\b|\bfrancs\b",
        rf"^(?:(?:et )?(?:quel|de combien|a quel|quelles?|c'est (?:quoi|combien) |le |la |les |l')"
        rf"\w* ?.{{0,30}}|)\b(?:{_WORTH})\b",
        r"how much|\bque cout|كم يكلف"
        r"|\bwhat (?:is|are|was|were|will|would) the (?:\w+ )?(?:costs?|price|budget|fees?)\b"
        r"|\bwhat (?:does|do|did|will|would) .{1,60}(?<!the)(?<!of) cost\b",
        r"(?:wie ?viel|was) (?:kostete?n?|wird .{0,60} kosten)\b|wie teuer\b",
        r"cuanto (?:cuesta|costo|costara|vale)|quanto c[ou]sta|quanto (?:costano|custam|costera)",
    ),
    Intent.HOW_MANY: (
        r"\bcombien\b|\bnombres? d[e']|quel (?:nombre|chiffre|pourcentage|taux)",
        r"quelle (?:part|proportion)|how many|wie ?viele|cuant[oa]s|quant[oaie]s?\b|كم",
    ),
    Intent.WHO: (rf"^(?:et )?{_PEOPLE_ASKED}", r"^who\b|^wer\b|^quien|^quem\b|^chi\b|^من "),
    Intent.SAID: (
        rf"\b(?:que|qu'|quoi|ce qu(?:e |'))\W*+(?:est-ce qu(?:e |'))?"
        rf"(?:(?:a|ont|on|en)\W*+|\W*+)(?:{_PRONOUN}\W*+)?(?:a )?{SAYS}\b",
        rf"que s'est-il dit|\ba-t-on (?:deja )?{SAYS}\b",
        r"que dit-on|parle-t-on|what (?:did|was|has) .*(?:say|said)|\bgesagt\b|\bdijo\b|\bdisse\b",
        r"\bdetto\b|قال",
    ),
}
_ASKER = re.compile(r"\b(?:combien|pourquoi|comment|quand|quel(?:le)?s?|qui|que|qu')")
# « quand » inside a question that asks for something else: « combien d'élèves quand il pleut »
_WHILE = re.compile(r"(?<!depuis )(?<!jusqu'a )(?<!c'est )\bquand\b(?!\W*$)")
_ABOUT_OTHERS = frozenset({Intent.WHO, Intent.SAID})
_INTENTS = tuple((intent, re.compile("|".join(kinds))) for intent, kinds in _KINDS.items())


def intent_of(folded: str, *, somebody: bool = False) -> Intent:
    """The kind of answer that a folded question wants. `somebody`: a speaker or party is named."""
    text = folded.strip(" ?!.«»\"'")
    first = _ASKER.search(text)
    whens = text if first and first.group() == "quand" else _WHILE.sub(" ", text)
    for intent, pattern in _INTENTS:
        if intent in _ABOUT_OTHERS and somebody:
            continue
        if pattern.search(whens if intent is Intent.WHEN else text):
            return intent
    return Intent.SAID if somebody else Intent.OPEN


# --- what a question takes for granted -----------------------------------------------------------

_ASKS_MORE = re.compile(
    r"\b(?:pour ?(?:quoi|koi)|pk|pq|comment se fait|pour quelles? raisons?|quand|par combien"
    r"|grace a qui|a quelle|why|warum|por que|perche|combien de voix|avec (?:combien|quel\w*)"
    r"|quelle majorite|combien d[e'] ?\w+ (?:ont|avaient)"
    r"|^(?:et )?qui (?:a|ont|avait) (?:\w+ )?(?:retire|abandonne)|when|wann|cuando|quando)\b"
)
_BY_COUNCIL = (
    r"(?:conseil(?: (?:municipal|administratif|communal|general))?|ville|commune|assemblee|plenum"
    r"|parlement|on|-t-on|municipalite|commission(?: \w+){0,3})"
)
_WHICH = (
    (Outcome.WITHDRAWN, r"(?:retire|abandonne)"),
    (Outcome.COMMITTEE, r"(?:renvoye|transmis)"),
    (Outcome.FILED, r"classe"),
    (Outcome.POSTPONED, r"(?:reporte|ajourne|repousse|suspendu)"),
    (Outcome.REFUSED, r"(?:refuse|rejete|balaye|ecarte|enterre)"),
    (Outcome.ACCEPTED, r"(?:accepte|adopte|approuve|vote|valide)"),
)
_OUTCOMES = tuple(
    (
        outcome,
        re.compile(
            rf"\b(?:ete|est|sont|fut|etait|soit) (?:\w+ ){{0,2}}?{stem}(?:e|s|es|ee|ees|r)?\b"
            rf"|\b{_BY_COUNCIL}(?: a| ont| avait|)(?:-t-(?:il|elle|on))?(?: \w+){{0,2}}? "
            rf"{stem}(?:e|s|es|r)?\b|\ba-t-on (?:\w+ ){{0,2}}?{stem}\b"
        ),
    )
    for outcome, stem in _WHICH
)
# Who moved a thing withdraws it: « Pourquoi M. Rochat a-t-il retiré son amendement ? »
_WITHDREW = re.compile(
    r"\b(?:a|ont|avait|avaient)(?:-t-(?:il|elle)|-(?:ils|elles))? (?:\w+ ){0,2}?"
    r"(?:retire|abandonne)e?s?\b(?! la parole)"
)
_WAS = (
    r"\b(?:was|were|been|wurden?|worden|fue|fueron|sido|foi|foram|e stat[ao]|stat[aoie])\b"
    r".{0,80}?\b"
)
_OUTCOMES_ABROAD = tuple(
    (outcome, re.compile(rf"{_WAS}(?:{decided})\b"))
    for outcome, decided in (
        (Outcome.WITHDRAWN, "withdrawn|zuruckgezogen|retirad[ao]s?|ritirat[aoie]"),
        (Outcome.POSTPONED, "postponed|verschoben|aplazad[ao]s?|adiad[ao]s?|rinviat[aoie]"),
        (
            Outcome.REFUSED,
            "rejected|refused|defeated|abgelehnt|verworfen|rechazad[ao]s?|rejeitad[ao]s?"
            "|recusad[ao]s?|respint[aoie]|bocciat[aoie]",
        ),
        (
            Outcome.ACCEPTED,
            "accepted|adopted|approved|passed|angenommen|gutgeheissen|aprobad[ao]s?|aceptad[ao]s?"
            "|aprovad[ao]s?|aceit[aoe]s?|accettat[aoie]|approvat[aoie]",
        ),
    )
)
_UNANIMOUS = re.compile(r"\b(?:a l'unanimite|unanimement|sans opposition)\b")
_OBTAINED = re.compile(r"\b(?:recueilli\w*|obtenu\w*|fait|remporte\w*) l'unanimite\b")
_TO_EXECUTIVE = re.compile(r"\b(?:au conseil administratif|a l'executif|au conseil d'etat)\b")
_EITHER = re.compile(r"\bou (?:non|refuse|accepte|rejete|pas|bien)|\bor (?:not|re|ac)|\boder\b")
_NEGATED = re.compile(r"\b(?:n'|ne )(?:\w+[- ]){1,4}?pas\b")


def presumed_outcome(folded: str) -> tuple[Outcome | None, bool]:
    """What a folded question takes for granted that was decided, and whether unanimously.

    « Pourquoi a-t-on refusé X ? » takes a refusal for granted; « X a-t-elle été refusée ? » asks.
    """
    if _EITHER.search(folded) or _NEGATED.search(folded) or not _ASKS_MORE.search(folded):
        return None, False
    unanimous = bool(_UNANIMOUS.search(folded))
    if _OBTAINED.search(folded):
        return Outcome.ACCEPTED, True
    for outcome, pattern in _OUTCOMES:
        if pattern.search(folded):
            if outcome is Outcome.COMMITTEE and _TO_EXECUTIVE.search(folded):
                return Outcome.EXECUTIVE, unanimous
            return outcome, unanimous
    if _WITHDREW.search(folded):
        return Outcome.WITHDRAWN, False
    abroad = (outcome for outcome, pattern in _OUTCOMES_ABROAD if pattern.search(folded))
    return next(abroad, None), False


# --- which detail must be stated: an age, an hour, a name --------------------------------------
# Finer than an intent, and beside it: « à quelle heure » wants a time (`Intent.WHEN`), and of times
# an hour. What a sentence must look like to state it is for `api.answers.answer_type` to say.

_STATED: tuple[tuple[Detail, str], ...] = (
    (Detail.AGE, r"\bquel (?:est l'|est son |etait l'|etait son )?age\b|how old|wie alt|que edad"),
    (
        Detail.TEMPERATURE,
        r"quelles? temperatures?|combien de degres|\bfai(?:t|sait) combien\b|what temperature",
    ),
    (Detail.HOUR, r"\bquelle heure\b|what time|um wie ?viel uhr|a que hora|a che ora"),
    (
        Detail.SHARE,
        r"\bquels? (?:est le |etait le )?(?:pourcentage|taux)|pourcentage d[eu']"
        r"|\bquelle (?:est la |etait la )?(?:part|proportion)\b|combien (?:de )?pour ?cents?"
        r"|what (?:share|percentage|proportion)|wie ?viel prozent",
    ),
    (
        Detail.LENGTH,
        r"quelle (?:est la |sera la )?(?:longueur|largeur|hauteur|surface|superficie|distance)"
        r"|combien de (?:metres|kilometres|hectares|km)\b|how far|what (?:length|distance)",
    ),
    (Detail.YEAR, r"\bquelles? annees?\b|what year|welche[mns] jahr|que ano|che anno"),
    (
        Detail.DURATION,
        r"combien de (?:temps|mois|jours|semaines|minutes)|combien d'(?:annees|heures)"
        r"|quelle (?:est la |sera la )?duree|how long\b|wie lange|cuanto tiempo|quanto tempo",
    ),
    (
        Detail.NAME,
        r"\bcomment (?:s'appel|se nomm|s'intitul|est-ce qu(?:e |')on appel|on appel|appell?e-t-on)"
        r"|\b(?:quel est (?:le |son )|c'est quoi (?:le |son )|sous quel |quel )nom\b|wie heisst"
        r"|what is the name|como se llama|como se chama",
    ),
    (
        Detail.PLACE,
        r"^\W*(?:et )?(?:d')?ou\b|c'est ou\b|\b(?:dans|a|en|de|par|sur) quel(?:le|les|s)? "
        r"(?:ville|rue|quartier|pays|canton|commune|endroit|lieu|place|ecole)"
        r"|quelle (?:ville|rue|commune)\b"
        r"|^where\b|^wo\b|^donde\b|^onde\b|^dove\b",
    ),
)
_DETAILS = tuple((detail, re.compile(pattern)) for detail, pattern in _STATED)


def detail_of(folded: str) -> Detail | None:
    """The detail that a folded question wants stated; None where any answer on the topic will do.

    >>> detail_of("creche ouverte jusqu'a quelle heure")
    <Detail.HOUR: 'hour'>
    """
    return next((detail for detail, pattern in _DETAILS if pattern.search(folded)), None)
