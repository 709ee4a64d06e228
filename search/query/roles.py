"""People whom a question names by their role: « la présidente », « le rapporteur », « la garde des
sceaux ».

Only a role that the rosters know, and that one person alone bears: with what it is of (« la
présidente de la commission sociale »), in the gender in which it is said. Two who bear it name
nobody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.text import fold
from search.language.offsets import Stretch
from search.language.stems import stems
from search.query.vocabulary import Member, Vocabulary

# How a role is said, as a man's or of either, as a woman's; and how rosters write it, if otherwise.
_EITHER = ""
_ROLES: tuple[tuple[str, str, str], ...] = (
    ("vice-president", "vice-presidente", ""),
    ("president", "presidente", ""),
    ("rapporteur", "rapporteure|rapporteuse|rapportrice", ""),
    ("premier ministre|chef du gouvernement", "premiere ministre", "premier ministre"),
    ("garde des sceaux", _EITHER, ""),
    ("ministre", _EITHER, ""),
    ("conseiller administratif", "conseillere administrative", ""),
    ("conseiller d'etat", "conseillere d'etat", ""),
    (
        "magistrat",
        "magistrate",
        "conseiller administratif|conseiller d'etat|conseillere administrative"
        "|conseillere d'etat|maire|mairesse|adjoint|adjointe",
    ),
    ("maire", "mairesse", ""),
    ("syndic", "syndique", ""),
    ("secretaire general", "secretaire generale", ""),
    ("secretaire", _EITHER, ""),
)
_ANY = "|".join(
    sorted((f for r in _ROLES for part in r[:2] for f in part.split("|") if f), key=len)[::-1]
)
_NAMED = re.compile(
    r"(?<![\w'-])(?:(?:madame|mme|monsieur|m\.?) )?(?P<article>la|le|l') ?"
    rf"(?P<role>{_ANY})(?![\w'-])"
)
_OF = re.compile(
    r" (?:(?:de la|des|du|de|aux?|a la|pour|en charge|delegue\w*|charge\w*) |(?:de )?l'|d')+"
)
_WORDS = re.compile(r"[^\W\d_]+")
_ITSELF = frozenset(stems("séance conseil municipal assemblée ville"))
_LINKS = frozenset(stems("délégué déléguée chargé chargée"))
_MOST = 5  # words that may tell what a role is of


@dataclass(frozen=True)
class Role:
    """A role named in a question: where, with its article, and who bears it."""

    whole: Stretch
    words: Stretch
    member: Member


def roles_in(text: str, vocabulary: Vocabulary) -> Iterator[Role]:
    """The roles in a folded question that one person bears, in order."""
    for found in _NAMED.finditer(text):
        end, of = _belonging(text, found.end(), vocabulary)
        bearers = _bearers(found["role"], found["article"], of, vocabulary)
        if len(bearers) == 1:
            yield Role(Stretch(found.start(), end), Stretch(found.start("role"), end), bearers[0])


def _belonging(text: str, at: int, vocabulary: Vocabulary) -> tuple[int, frozenset[str]]:
    """Where what a role is of ends, as far as rosters know the words, and their stems."""
    link = _OF.match(text, at)
    if not link:
        return at, frozenset()
    end, known = at, frozenset[str]()
    for count, word in enumerate(_WORDS.finditer(text, link.end())):
        told = stems(word.group())
        if count >= _MOST or (told and not set(told) & (vocabulary.role_stems | _ITSELF)):
            if end == at:  # « le président de la République » is no one's role here
                return at, frozenset(told)
            break
        if told:
            end, known = word.end(), known | set(told)
    return end, known


def _bearers(
    said: str, article: str, of: frozenset[str], vocabulary: Vocabulary
) -> tuple[Member, ...]:
    man, woman, written = next(
        role for role in _ROLES if said in role[0].split("|") or said in role[1].split("|")
    )
    feminine = said in woman.split("|")
    own = (woman if feminine else man).split("|")
    wanted = frozenset(written.split("|") if written else own)
    fitting = [
        (member, role)
        for member in vocabulary.people
        for role in member.roles
        if any(_begins(fold(role), form) for form in wanted)
        and _is_of(fold(role), said, of - _ITSELF)
        and (member.woman in (None, feminine) if woman else _agrees(member, article))
    ]
    exact = [member for member, role in fitting if fold(role) in wanted] if not of else []
    return tuple(dict.fromkeys(exact or (member for member, _ in fitting)))


def _is_of(role: str, said: str, of: frozenset[str]) -> bool:
    """Is it a role of these things: « ministre de l'emploi » that of « ministre du travail, de
    l'emploi », but « président de la République » not that of a commission with a long name?
    """
    rest = [stem for stem in stems(role) if stem not in _LINKS]
    first = min((at for at, stem in enumerate(rest) if stem in of), default=len(rest))
    return of <= frozenset(rest) and (not of or "ministre" in said or first == len(stems(said)))


def _begins(role: str, form: str) -> bool:
    """Is it the role itself, or one of several, not « vice-président » for « président »?"""
    return any(f"{part} ".startswith(f"{form} ") for part in role.split(", "))


def _agrees(member: Member, article: str) -> bool:
    return member.woman is None or article == "l'" or member.woman == (article == "la")
