"""Made-up sessions of four kinds, in the ways in which chairs of either gender really speak.

Knows phrases and who follows whom. Does not know how they are spoilt: that is `names`.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ingest.transcript import Person

WOMEN = """Claire Fontanet;Nadia Keller;Sandrine Maillard;Monique Savary;Élodie Chappuis
Anne-Lise Grandjean;Amélie Perroud;Sophie Dubochet;Laurence Mottier;Isabelle Vuilleumier
Fatima Benali;Martine Roulet;Corinne Aeby;Valérie Jaquier;Céline Pittet;Nathalie Cornaz
Brigitte Schneider;Dominique Favre;Ana Oliveira;Patricia Bersier;Christine Genoud;Joëlle Tschanz
Marie-Pierre Delacrétaz;Yasmina Haddad;Florence Rey;Léa Crausaz;Béatrice Monnier;Olga Petrovic
Karine Zbinden;Aurélie Thorens;Michèle Rossier;Lucie Blanchard;Simone de Weck;Carole Guex
Aïcha Ben Ammar;Khadija El Fassi;Nour Belkacem;Aminata Diallo;Mariam N'Diaye;Thi Mai Nguyen
Ingrid van der Berg;Marie de Montmollin;Salomé d'Ivernois;Zohra Boumediene;Monique Rochat"""
MEN = """Julien Rochat;Bruno Girard;Antoine Delcourt;Thomas Blanc;Patrick Lambert;Yannick Bovet
Marco Ferrari;Olivier Jordan;Pascal Gilliéron;Vincent Schaller;Denis Rochat;Alain Duvanel
Ahmed Bouchra;Michel Corboz;François Berthoud;Luc Pasche;Eric Magnenat;Nicolas Reymond
Sébastien Raymond;Jean-Luc von Arx;Philippe Gonzalez;Daniel Monney;Xavier Baeriswyl
Raphaël Cuendet;Gilles Aubert;Serge Buchs;Matthieu Lambelet;Christian Girod;Didier Fontana
Pierre Kolly;Grégoire Junod;Stéphane Maillefer;Rémy Chatelain;Hervé Ducommun;Karim Ben Salah
Youssef El Idrissi;Mamadou Traoré;Ousmane N'Dour;Pieter van Dijk;Guy de Pury;Slim Ben Romdhane"""
_SPEECH = (
    "Nous avons étudié cet objet avec soin pendant quatre longues séances de commission.",
    "Les habitants du quartier attendent cette rénovation depuis bientôt dix ans.",
    "Le crédit demandé est de deux millions quatre cent mille francs sur trois ans.",
    "Notre groupe ne peut pas accepter une dépense aussi mal expliquée.",
    "Il faut penser aux enfants qui traversent cette rue tous les matins.",
    "Je rappelle que le canton participe pour un tiers à ces travaux.",
    "Cette solution coûte moins cher et elle respecte les arbres du parc.",
    "Nous avons visité le bâtiment et le toit laisse passer la pluie.",
    "Il faudrait enfin un calendrier précis, avec des étapes et des responsables.",
    "La majorité de la commission vous invite à voter ce projet sans amendement.",
)


@dataclass(frozen=True)
class Said:
    """What one person says in one go; `chairs` marks who presides."""

    person: str
    text: str
    chairs: bool = False


@dataclass(frozen=True)
class _Play:
    """A session being made up: who is there, and chance."""

    roster: Sequence[Person]
    speakers: Sequence[Person]
    rng: random.Random

    def speech(self, about: Person | None = None) -> str:
        lines = self.rng.sample(_SPEECH, self.rng.randint(3, 5))
        if about and self.rng.random() < 0.35:
            lines.insert(2, f"Je ne suis pas d'accord avec {formal(about)} sur ce point.")
        return " ".join(lines)

    def another(self, *but: Person) -> Person:
        return self.rng.choice([p for p in self.speakers if p not in but])


def council(rng: random.Random) -> tuple[Person, ...]:
    """Eighty people: a chair of either gender, a vice-chair, five magistrates."""
    women = [Person(n, "f") for n in WOMEN.replace("\n", ";").split(";")]
    men = [Person(n, "m") for n in MEN.replace("\n", ";").split(";")]
    people = women + men
    rng.shuffle(people)
    people = people[:80]
    first = next(p for p in people if p.name.split()[-1] != "Rochat")
    second = next(p for p in people if p is not first and p.role != first.role)
    others = [p for p in people if p not in (first, second)]
    ranks = ["président"] + ["vice-président"] + ["conseiller administratif"] * 5
    ranks += ["conseiller municipal"] * len(others)
    return tuple(
        Person(p.name, _role(rank, woman=p.role == "f"))
        for p, rank in zip([first, second, *others], ranks, strict=False)
    )


def _role(rank: str, *, woman: bool) -> str:
    if not woman:
        return rank
    return (
        rank.replace("président", "présidente")
        .replace("conseiller", "conseillère")
        .replace("administratif", "administrative")
        .replace("municipal", "municipale")
    )


def is_woman(person: Person) -> bool:
    return "présidente" in person.role or "conseillère" in person.role


def title(person: Person) -> str:
    return "Madame" if is_woman(person) else "Monsieur"


def surname(person: Person) -> str:
    return person.name.split(" ", 1)[1]


def formal(person: Person) -> str:
    return f"{title(person)} {surname(person)}"


def _full(person: Person) -> str:
    return f"{title(person)} {person.name}"


def _chair_is(chair: Person) -> str:
    return f"{title(chair)} {'la présidente' if is_woman(chair) else 'le président'}"


_CALLS: dict[str, tuple[str, ...]] = {
    "classique": (
        "La parole est à {formal}.",
        "{full}, vous avez la parole.",
        "{formal}, c'est à vous.",
        "Merci. La parole est à {full}, rapporteur de la commission.",
        "Je passe la parole à {formal}.",
    ),
    "bref": (
        "{formal}.",
        "Oui, {formal}.",
        "Merci. {full}.",
        "Bien. {formal}, je vous écoute.",
        "{formal}, allez-y.",
        "Ensuite {formal}.",
    ),
    "relais": (
        "Je donne la parole à {formal}.",
        "C'est maintenant au tour de {full}.",
        "{formal} a demandé la parole.",
        "J'invite {formal} à prendre la parole.",
        "La parole revient à {formal}.",
        "Nous écoutons {full}.",
    ),
}


def play(kind: str, roster: Sequence[Person], rng: random.Random) -> Iterator[Said]:
    """A whole session of one of `KINDS`."""
    there = rng.sample(roster[2:], rng.randint(8, 16))
    there[:2] = roster[2:4]  # magistrates always come
    yield from KINDS[kind](_Play(roster, tuple(dict.fromkeys(there)), rng))


def _debate(it: _Play, chair: Person, phrases: Sequence[str], rounds: int) -> Iterator[Said]:
    before: Person | None = None
    for _ in range(rounds):
        who = it.another(*([before] if before else []))
        call = it.rng.choice(phrases).format(formal=formal(who), full=_full(who))
        if before and it.rng.random() < 0.5:
            call = f"Merci, {formal(before)}. {call}"
        yield Said(chair.name, call, chairs=True)
        if it.rng.random() < 0.05:  # absent, or another is quicker
            who = it.another(who)
        if it.rng.random() < 0.15:
            yield Said(it.another(who).name, "Mais ce n'est pas vrai !")
        opens = f"Merci, {_chair_is(chair)}. " if it.rng.random() < 0.5 else ""
        yield Said(who.name, opens + it.speech(before))
        before = who
    text = "Nous passons au vote. L'amendement est refusé par quarante non contre vingt oui."
    yield Said(chair.name, f"Plus personne ne demande la parole. {text}", chairs=True)


def _classic(it: _Play) -> Iterator[Said]:
    chair = it.roster[0]
    yield Said(chair.name, "Mesdames et Messieurs, la séance est ouverte.", chairs=True)
    yield from _debate(it, chair, _CALLS["classique"], 30)


def _brief(it: _Play) -> Iterator[Said]:
    chair = it.roster[0]
    yield Said(chair.name, "Bonsoir, prenez place, nous commençons.", chairs=True)
    yield from _debate(it, chair, _CALLS["bref"], 30)


def _relay(it: _Play) -> Iterator[Said]:
    """The vice-chair takes over in the middle."""
    chair, vice = it.roster[:2]
    yield Said(chair.name, "J'ouvre la séance de ce soir.", chairs=True)
    yield from _debate(it, chair, _CALLS["relais"], 15)
    rank = "la vice-présidente" if is_woman(vice) else "le vice-président"
    text = f"Je dois partir, {title(vice)} {rank} va me remplacer."
    yield Said(chair.name, text, chairs=True)
    yield Said(vice.name, "Merci. Nous continuons avec le point suivant.", chairs=True)
    yield from _debate(it, vice, _CALLS["classique"], 15)


def _questions(it: _Play) -> Iterator[Said]:
    """Questions and answers that the chair hardly leads: people introduce themselves."""
    chair, magistrates = it.roster[0], it.speakers[:2]
    yield Said(chair.name, "Nous prenons les questions orales.", chairs=True)
    for _ in range(16):
        who, magistrate = it.another(*magistrates), it.rng.choice(magistrates)
        if it.rng.random() < 0.6:
            call = it.rng.choice(_CALLS["bref"]).format(formal=formal(who), full=_full(who))
            yield Said(chair.name, call, chairs=True)
        else:
            yield Said(chair.name, "Question suivante, s'il vous plaît.", chairs=True)
        opens = it.rng.choice(
            (f"{who.name}, pour le groupe socialiste. ", f"Je m'appelle {who.name}. ", "", "")
        )
        asks = f"Ma question s'adresse à {formal(magistrate)}. "
        yield Said(who.name, opens + asks + it.speech())
        reply = it.rng.choice(
            (f"Je réponds à {formal(who)}. ", f"Merci pour cette question, {formal(who)}. ", "")
        )
        yield Said(magistrate.name, reply + it.speech())
        if it.rng.random() < 0.4:
            yield Said(who.name, f"Merci, {formal(magistrate)}, pour votre réponse.")


KINDS: dict[str, Callable[[_Play], Iterator[Said]]] = {
    "classique": _classic,
    "bref": _brief,
    "relais": _relay,
    "questions": _questions,
}
