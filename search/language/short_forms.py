"""Text-message French written out: « cb », « c koi », « kel », « d arbres », « a t il ».

A closed list of habits that any French keyboard knows, none of one city. Changes a question only;
passages stay as they were said. Whether a word is known to the archive is for the caller to say.
"""

import re
from collections.abc import Callable

from ingest.text import fold

# Short forms that ask or bind: no council means anything else by them.
_ASKING = {
    "koi": "quoi", "kwa": "quoi", "quoa": "quoi", "koa": "quoi", "pk": "pourquoi",
    "pq": "pourquoi", "pkoi": "pourquoi", "pourkoi": "pourquoi", "prkoi": "pourquoi",
    "prquoi": "pourquoi", "porkoi": "pourquoi", "cb": "combien", "cmb": "combien",
    "cbien": "combien", "kombien": "combien", "conbien": "combien", "combient": "combien",
    "konbien": "combien", "conbient": "combien", "cmt": "comment", "koment": "comment",
    "koman": "comment", "coment": "comment", "coman": "comment", "qd": "quand", "kan": "quand",
    "kand": "quand", "ki": "qui", "ke": "que", "kil": "qu'il", "kelle": "quelle", "kel": "quel",
    "kels": "quels", "kelles": "quelles", "qel": "quel", "qelle": "quelle", "kelk": "quelque",
    "kelke": "quelque", "kelkun": "quelqu'un", "keski": "qu'est-ce qui",
    "keske": "qu'est-ce que", "kesk": "qu'est-ce qu'", "eske": "est-ce que", "esk": "est-ce qu'",
    "kon": "qu'on", "ya": "il y a", "yavait": "il y avait", "yave": "il y avait",
    "yaura": "il y aura", "yora": "il y aura", "cetai": "c'était", "cetait": "c'était",
    "paske": "parce que", "pcq": "parce que", "jai": "j'ai", "oci": "aussi", "ossi": "aussi",
}  # fmt: skip
# Abbreviations, left alone where the archive has the word.
_SHORT = {
    "tps": "temps", "tjr": "toujours", "tjrs": "toujours", "tjs": "toujours", "jms": "jamais",
    "bcp": "beaucoup", "ds": "dans", "dns": "dans", "ns": "nous", "pr": "pour", "tt": "tout",
    "ts": "tous", "tte": "toute", "ttes": "toutes", "mnt": "maintenant", "mtn": "maintenant",
    "avt": "avant", "ajd": "aujourd'hui", "gvt": "gouvernement", "gouv": "gouvernement",
    "amdt": "amendement", "amdts": "amendements", "pb": "problème", "pbs": "problèmes",
    "nb": "nombre", "nbre": "nombre", "qqn": "quelqu'un", "qqch": "quelque chose",
    "qq": "quelques", "pdt": "pendant", "dla": "de la", "dl": "de l'", "fo": "faut",
    "contr": "contre", "pa": "pas", "di": "dit", "dise": "disent", "mm": "même",
    "slmt": "seulement", "svt": "souvent", "dep": "député", "cad": "c'est-à-dire",
    "apres-m": "après-midi",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?![\w'’])")
_NEXT = r"(?= [^\W\d_])"  # before another word: « annexe c » and « PR 12 » stay
_VOWEL = "aeiouyhàâäéèêëîïôöûùüœ"
_RULES = tuple(
    (re.compile(pattern), written)
    for pattern, written in (
        (r"(?<=[a-zéè]) t (?=(?:il|elle|on|ils|elles)\b)", "-t-"),
        (rf"\b(qu|jusqu|lorsqu|puisqu|quelqu|[dlnsj]) (?=[{_VOWEL}])", r"\1'"),
        (r"\baujourd hui\b", "aujourd'hui"),
        (r"\bpour koi\b", "pourquoi"),
        (rf"\bd{_NEXT}", "de"),
        (rf"\bc{_NEXT}", "c'est"),
        (r"\bcé\b", "c'est"),
        (r"\bsé\b", "s'est"),
        (r"^é\b", "et"),
        (r"\bé\b", "est"),
        (rf"\bo{_NEXT}", "au"),
        (rf"\bi{_NEXT}(?= (?:di|dit|ve|veu|veut|pens|parl|a|fait|fé|son|ont|dise)\w*\b)", "il"),
        (r"\bki(?:l|ls)\b", "qu'il"),
    )
)


def spelt_out(question: str, knows: Callable[[str], bool]) -> str:
    """A French question with its short forms in full; `knows`: does the archive have a word?

    >>> spelt_out("cb d arbres ils coupent ds le quartier", lambda word: False)
    "combien d'arbres ils coupent dans le quartier"
    """

    def written(match: re.Match[str]) -> str:
        word = match.group()
        key = fold(word)
        if key in _ASKING and (word.islower() or not match.start()):
            return _ASKING[key]
        if key not in _SHORT or word[0].isupper() or knows(word):
            return word
        if question[match.end() : match.end() + 2].strip(" -")[:1].isdigit() and key == "pr":
            return word
        return _SHORT[key]

    for pattern, full in _RULES:
        question = pattern.sub(full, question)
    return _WORD.sub(written, question)
