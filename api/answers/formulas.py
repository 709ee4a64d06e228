"""What is said in every session and answers nothing: the floor given, thanks, calls to order.

Pure. Such a sentence is never evidence and no quotation runs into one. A stage direction that tells
a vote is none: it is where a record says what was decided.
"""

import re
from functools import lru_cache

from ingest.text import fold

# A floor given, a thanks, an assent or call to order that is longer says something besides. Read on
# three samples and two sessions, not fitted.
_LONGEST, _COURTESY, _SHORT = 16, 8, 6  # words
_CRY = 3  # words: "Très bien !", "C'est faux !"

_FLOOR = re.compile(
    r"\bla parole (?:est|n'est plus|n'est pas) (?:a|au|aux|demandee)\b"
    r"|\bavez (?:de nouveau )?la parole\b"
    r"|\bje (?:vous )?(?:passe|donne|rends|redonne) la parole"
    r"|\bc'est a vous\b|\bqui demande la parole"
    r"|\bpour (?:soutenir|defendre|presenter) (?:l'amendement|les amendements)|\bmerci de conclure"
    r"|\bveuillez (?:poursuivre|conclure|ecouter|laisser)|\bil (?:vous )?faut conclure"
    r"|\bnous (?:passons|en venons|en arrivons) (?:maintenant )?(?:a|au|aux)\b|\bnous traitons\b"
    r"|\bl'ordre du jour appelle|\bquel est l'avis (?:de|du)\b|\bje mets aux voix\b"
    r"|\bla (?:seance|discussion) est (?:ouverte|levee|reprise|suspendue|close)"
    r"|\bje (?:leve|suspends) la seance|\bnos debats sont enregistres\b|\ble premier objet est\b"
    r"|\bnous (?:prenons|reprenons|restons a) (?:maintenant )?l[ae] (?:petition|motion|proposition)"
    r"|\bnous (?:commencons|terminons|continuons|reprenons nos travaux) (?:par|avec)\b"
)
_THANKS = re.compile(
    r"^(?:(?:et|oui|bien|bon|alors|enfin|donc|voila),? )*"
    r"(?:merci|je (?:vous |te |les |la |le )?(?:en )?remercie"
    r"|bonsoir|bonjour|bonne (?:soiree|nuit)|bienvenue|bravo)\b"
)
_SAID_OFTEN = re.compile(
    r"\b(?:silence|un peu de calme|s'il vous plait"
    r"|n'avez pas la parole|seul l'orateur|ecoutez l|asseyez-vous"
    r"|je vous en prie|restons calmes|absolument"
    r"|exactement|tres bien|tout a fait|c'est (?:vrai|faux|exact))\b"
)
_OPINION = re.compile(r"\b(?:de)?favorable|\bavis\b|\bsagesse\b|\bnon\b|\boui\b")
_TELLS = re.compile(
    r"\d|\b(?:adopte|rejete|accepte|refuse|retire|renvoye|classe|scrutin|voix|unanim|tombe)"
)


@lru_cache(maxsize=20_000)  # the same sentences come up again and again
def is_formula(sentence: str) -> bool:
    """Is a sentence a formula of procedure or courtesy, a cry or a stage direction?"""
    text = fold(sentence).strip(" «»\"'-–—")
    words = text.split()
    if text.startswith("(") and text.rstrip(".").endswith(")"):
        return not _TELLS.search(text)
    if len(words) > _LONGEST:
        return False
    if _FLOOR.search(text):
        return True
    if len(words) > _COURTESY or _OPINION.search(text) or any(map(str.isdigit, text)):
        return False
    courteous = _THANKS.search(text) or (len(words) <= _SHORT and _SAID_OFTEN.search(text))
    return bool(courteous) or len(words) <= (_CRY if text.endswith(("!", "?", "…")) else 1)
