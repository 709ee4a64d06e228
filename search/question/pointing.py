"""How a question points back at what was said before it: « et », « il », « ce projet », « en ».

Patterns over folded text. What it points at is found by `followup`.
"""

import re
from dataclasses import dataclass

from search.folded import Folded, Stretch
from search.french import stems
from search.question.speaking import SAYS, STANCE

_OPENS = re.compile(
    r"\W*(?:(?:et|mais|ok|alors|sinon|and|und|y|e|what about|how about|was ist mit)\b[ ,]+)+"
    r"(?:(?:alors|aussi|si on parle|qu'en est-il|quid|chez|du cote|selon|pour ce qui est)\b[ ,]*"
    r"(?:d[eu]s? )?)?(?=\S)"
)
_ASKS = re.compile(
    r"(?:qu'|que |qui |quoi|quel|pourquoi|comment|quand|combien|ou |est-ce|y a|a-t-on|a-t-il"
    r"|a-t-elle|dans quel|a quel|depuis quand|de quoi|who|what|when|why|how|wer|was|wann|warum|wie)"
)
_ASKS_THEN = re.compile(rf", ?{_ASKS.pattern}")
_IMPERSONAL = re.compile(
    r"\b(?:y a(?:-t-il| t il)|y aura-t-il|faut-il|faudra-t-il|s'agit-il|s'est-il (?:passe|dit)"
    r"|reste-t-il|existe-t-il"
    r"|(?:est|sera|serait)-il (?:\w+ )?(?:prevu|possible|vrai|exact|question|normal|temps)"
    r"|il (?:y a|y aura|faut|faudra|fait|faisait|est|s'agit|pleut|existe|reste)|se passe-t-il)\b"
)
_OPENER = (
    r"(?:et |mais |alors )?(?:(?>combien d[e'] ?(?!quell?e?s? )\w+ |qu'|que |pourquoi |comment "
    r"|quand |ou |combien |quoi |est-ce qu'"
    r"|(?:a |de |par |pour |en |dans )?(?:quel|quelle|quels|quelles) \w+ )+)?"
)
_VERB_FIRST = re.compile(
    rf"\W*{_OPENER}(?:(?:ne |n'|l'|la |le |les |y |en |se |s'|lui |leur )*)(?P<verb>\w+)(?:-t)?-"
    r"(?P<who>il|elle|ils|elles)\b(?P<rest>.*)"
)
_PRONOUN_FIRST = re.compile(rf"\W*{_OPENER}(?P<who>il|elle|ils|elles) (?P<rest>.*)")
_STRESSED = re.compile(r"\W*(?:et|mais|selon|pour) (?P<who>lui|elle)\b\W*$")
_THIS = re.compile(
    r"\b(?:a ce (?:sujet|propos)|la-dessus|de (?:ca|cela)|sur ce (?:point|sujet)"
    r"|(?:ca|cela|celle-ci|celui-ci|celle-la|celui-la)\b"
    r"|(?:ce|cet|cette|ces) (?:meme )?(?:projet|motion|objet|proposition"
    r"|petition|credit|amendement|question|sujet|point|decision|mesure|montant|dossier|texte|vote"
    r"|chantier|idee|debat|initiative|resolution|somme|chiffre)s?(?:-ci|-la)?)"
)
_IT = re.compile(
    r"\b(?:qu'|qui |et qui |quand |pourquoi )en \w+|\by (?:a|ont|est)\b(?!-t-il| t)|\bs'y est\b"
    rf"|\b(?:l'a|l'ont|l'avez)-(?:t-)?(?:on|il|elle|ils|elles|vous)\b|\b(?:{SAYS}|quoi) d'autres?\b"
    r"|\bqui d'autre\b|\bles autres\b"
)
_ASPECT = re.compile(
    r"(?:les? |la |l'|quels? (?:est |sont )?(?:les? )?|quelle (?:est )?(?:la |l')?)?"
    r"(?:prix|couts?|montants?|budgets?|credits?|financement|tarifs?|delais?|dates?|calendrier|duree"
    r"|votes?|resultats?(?: du vote)?|raisons?|consequences?|arguments?"
    r"|opposants?|partisans?|issue|decision|amendements?|discussion"
    r"|debat|commission|reponses?|suites?|benefices?|risques?|avantages?|inconvenients?)"
)
_ANSWERED_BY = re.compile(rf"(?:{SAYS}|{STANCE})")
_OWN_POINTING = re.compile(
    r"(?:\b(?:il|elle|ils|elles)\b|-t\b|(?<=-)t(?=-))|\b(?:d'autres?|les autres|autres?|en|y)\b",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"^(?:sur|pour|des?|du|concernant|a propos d[eu]s?|au sujet d[eu]s?|aux?|a|dans|avec|about"
    r"|zu[rm]?|uber|sobre|su)\s+|^d['’]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Pointing:
    """What in a question points back.

    `opens` is where the question goes on after « et » (0 without); `asks`: it is worded as a
    question; `points`: by a pronoun or « ce projet »; `to_topic`: at what was spoken of, not at who
    spoke; `woman` is the gender of the one person that a pronoun means, None without one;
    `of_things`: its pronoun means a thing; `aspect`: it asks for one side of the topic (the price);
    `only_how_much`: « Combien ? » and nothing else.
    """

    opens: int
    asks: bool
    points: bool
    to_topic: bool
    woman: bool | None
    of_things: bool
    aspect: bool
    only_how_much: bool

    def own(self, topic: str) -> str:
        """What of a topic is not pointing: « sur la piscine » -> « la piscine »."""
        folded = Folded.of(topic)
        this = _THIS.search(folded.text)
        kept = topic
        if this:
            start, end = folded.place(Stretch(*this.span()))
            kept = f"{topic[:start]} {topic[end:]}"
        if self.points:
            kept = _OWN_POINTING.sub(" ", kept)
        if self.opens:
            kept = _PREPOSITION.sub("", kept.strip())
        kept = " ".join(kept.replace("- -", " ").split()).strip(" ,-?")
        return kept if stems(kept) else ""


def pointing(text: str) -> Pointing:
    """How a folded question points back."""
    opening = _OPENS.match(text)
    bare = text[opening.end() :] if opening else text
    who, personal = _subject(text)
    stressed = _STRESSED.match(text)
    woman = None
    if stressed:
        woman = stressed["who"] == "elle"
    elif personal and not who.endswith("s"):
        woman = who == "elle"
    at_this = bool(_THIS.search(text) or _IT.search(text))
    return Pointing(
        opens=opening.end() if opening else 0,
        asks=bool(_ASKS.match(bare) or _ASKS_THEN.search(bare)),
        points=bool(who or stressed or at_this),
        to_topic=at_this or bool(who and not personal),
        woman=woman,
        of_things=bool(who and not personal),
        aspect=bool(opening and _ASPECT.fullmatch(bare.strip(" ?!."))),
        only_how_much=bool(re.fullmatch(r"\W*(?:et )?(?:a |pour )?combien\W*", text)),
    )


def _subject(text: str) -> tuple[str, bool]:
    """The pronoun that is a question's subject, "" without, and whether it means a person."""
    if _IMPERSONAL.search(text):
        return "", False
    found = _VERB_FIRST.match(text)
    if found:
        rest = found["rest"].lstrip()
        says = _ANSWERED_BY.fullmatch(found["verb"]) or _ANSWERED_BY.match(rest)
        passive = re.match(r"(?:\w+ )?ete\b", rest)
        return found["who"], bool(says and not passive)
    found = _PRONOUN_FIRST.match(text)
    if found:
        rest = re.sub(r"^(?:ne |n'|l'|en |y |a |ont |est |avait )+", "", found["rest"])
        return found["who"], bool(_ANSWERED_BY.match(rest))
    return "", False
