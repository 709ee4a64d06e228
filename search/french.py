"""French, made comparable: the one function `stems` is applied alike to questions and to passages.

Folds (`ingest.text.fold`), undoes elision, puts numbers and object codes in one form, drops
function words, and stems (Snowball). Pure; any string is valid. What it returns is for matching
only and never shown. It knows nothing of passages, scores or the database.
"""

import re
from functools import lru_cache

import Stemmer

from ingest.text import fold
from search.numerals import normal_numbers
from search.objects import with_codes

__all__ = ["MAX_TOKEN", "STOP_WORDS", "fold", "stems", "tokens"]

MAX_TOKEN = 48  # characters; longer ones are noise, cut so that they cannot fill the index

_FUNCTION_WORDS = """
afin ah ai aie aient ainsi ait alors as au auquel aura aurai auraient aurait aurez aurons auront
aussi aux auxquelles auxquels avaient avais avait avec avez aviez avions avoir avons ayant ayez
ayons ben bien bon ca ce ceci cela celle celles celui cependant ces cet cette ceux chacun chaque
chez combien comme comment dans de deja depuis des desquelles desquels donc dont du duquel eh
elle elles en encore entre es est et etaient etais etait etant etc etes etiez etions etre eu euh
eux faire fais faisait fait faites fera ferait font furent fut hui ici il ils je jusqu jusque la
laquelle le lequel les lesquelles lesquels leur leurs lors lorsqu lorsque lui ma mais me meme
memes mes moi moins mon ne ni nos notre nous oh on ont or ou par parce pas pour pourquoi puis
puisque qu quand que quel quelle quelles quelqu quelque quelques quelquun quels qui quoi quoiqu
quoique sa sans se sera serai seraient serait serez serons seront ses si sinon soi soient sois
soit sommes son sont sous suis sur ta tant te tel telle telles tels tes toi ton tous tout toute
toutefois toutes tres tu un une vers via voici voila vos votre vous vs
"""
STOP_WORDS = frozenset(_FUNCTION_WORDS.split())

_WORD = re.compile(r"\d+[.,]\d+|[^\W_]+(?:'[^\W_]+)*")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'")
_SAME = {"chf": "franc", "frs": "franc"}
_KEPT = {"petition": "petition", "petitions": "petition"}  # or Snowball makes it "petit"
_SUFFIX = re.compile(r"(?:(it)e(s?)|(e)e(s?)|(i)ere(s?)|erent)$")


def tokens(text: str) -> list[str]:
    """The words of a text in their normal form, elision undone, in order; nothing is left out.

    >>> tokens("Jusqu'à l'école, PR-12 coûte 1'500'000 CHF")
    ['a', 'ecole', 'pr12', 'coute', '1500000', 'franc']
    """
    normal = with_codes(normal_numbers(fold(text)))
    return [_normal_token(match.group()) for match in _WORD.finditer(normal)]


def stems(text: str) -> list[str]:
    """What a text is matched by: its content words' stems, repeats kept, function words left out.

    >>> stems("Combien coûte l’école de la motion sept ?")
    ['cout', 'ecol', 'motion', 'm7']
    """
    return [_stem(token) for token in tokens(text) if not _is_function_word(token)]


def _normal_token(token: str) -> str:
    if token[0].isdigit():
        return re.sub(r"[.,]", "v", token)[:MAX_TOKEN]  # 2,5 stays one word for the full text
    word = _ELISION.sub("", token).replace("'", "")[:MAX_TOKEN]
    return _SAME.get(word, word)


def _is_function_word(token: str) -> bool:
    return token in STOP_WORDS or (len(token) == 1 and token.isascii() and token.isalpha())


@lru_cache(maxsize=65_536)
def _stem(token: str) -> str:
    if not token.isascii() or not token.isalpha():
        return token
    if token in _KEPT:
        return _KEPT[token]
    # A stemmer object is not thread-safe; making one is cheap and the cache makes it rare.
    stem = Stemmer.Stemmer("french", 0).stemWord(_SUFFIX.sub(_accent, token))
    return fold(stem) or token


def _accent(match: re.Match[str]) -> str:
    """Give back the accents that Snowball's suffix rules look for: securite -> securité."""
    text = match.group()
    if text == "erent":
        return "èrent"
    if text.startswith("i") and text[1] == "t":
        return text.replace("e", "é")
    return text.replace("er", "èr") if text.startswith("ier") else "é" + text[1:]
