"""Which detail a question wants stated: an age, an hour, a name. An answer without it is none.

Finer than an intent, and beside it: « à quelle heure » wants a time (`Intent.WHEN`), and of times
an hour. What a sentence must look like to state it is for `api.answers.answer_type` to say.
"""

import re

from search.query.parsed import Detail

_KINDS: tuple[tuple[Detail, str], ...] = (
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
_DETAILS = tuple((detail, re.compile(pattern)) for detail, pattern in _KINDS)


def detail_of(folded: str) -> Detail | None:
    """The detail that a folded question wants stated; None where any answer on the topic will do.

    >>> detail_of("creche ouverte jusqu'a quelle heure")
    <Detail.HOUR: 'hour'>
    """
    return next((detail for detail, pattern in _DETAILS if pattern.search(folded)), None)
