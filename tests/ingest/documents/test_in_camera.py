"""Titles that say huis clos, and the chair's words that close and open a sitting."""

import pytest

from ingest.documents.agenda_text import read_agenda_text
from ingest.documents.in_camera import (
    announced,
    is_flag,
    is_marked,
    marked,
    notices,
    says_so,
    unmarked,
)
from ingest.transcript import Turn, Word

MARKED = """Naturalisations (huis clos)
Naturalisations (à huis clos)
HUIS-CLOS : recours
Recours [HC]
Recours (h.c.)
Engagement - HC
Séance non publique
Point non public
Le huis clos
Nomination à huis‑clos
Engagement, huit clos
Recours (séance non publique)
Recours, hors présence du public
Recours (confidentiel)
Recrutement – confidentiel
CONFIDENTIEL : recrutement
Séance privée : recours
Recours, à portes fermées
Délibération en comité secret
Partie du huis clos : recours"""
OPEN = """Rapport sur le huis clos des commissions
Motion pour supprimer le huis clos
HC Genève-Servette : subvention
Le quai public
Marchés publics
Espace public : non
Vote à bulletin secret
Journée portes ouvertes
Données confidentielles des élèves : protection
Crédit (HCB)"""
CLOSES = """Le huis clos est prononcé.
Le huis clos est demandé et accepté.
Le huis clos a été accepté par quarante voix.
Nous passons à huis clos.
Nous passons maintenant au point sept, à huis clos.
On passe à huis clos.
Nous entrons dans le huis clos.
Nous délibérons à présent à portes fermées.
Le conseil se réunit en comité secret.
Nous devons maintenant siéger à huis clos.
Nous voici à huis clos.
Nous entamons la partie non publique.
Nous traitons ce point à huis clos.
La séance se poursuit à huis clos.
Nous siégeons désormais en séance non publique.
Je prie le public de quitter la salle.
Je prie le public et la presse de bien vouloir quitter la salle.
Le public est prié de se retirer.
Mesdames et Messieurs du public, je vous demande de sortir.
Nous allons faire sortir le public.
La séance est déclarée non publique.
La séance n'est plus publique.
Je prononce le huis clos.
J'ordonne le huis clos.
Je déclare la séance à huis clos.
Si personne ne s'y oppose, le huis clos est prononcé.
Ce point est traité à huis clos.
Huis clos.
Le huit clos est prononcé.
Le huis clot est demandé et accepté.
Nous passons à 8 clos.
Le conseil siégera à huis clos.
Pour le point 7, le public sera prié de quitter la salle."""
DOES_NOT_CLOSE = """Le huis clos n'est pas prononcé.
Si le huis clos est prononcé, nous verrons.
Le huis clos est refusé.
Le huis clos est demandé.
Le huis clos sera prononcé plus tard.
La commission a siégé à huis clos.
Nous avons siégé à huis clos hier.
Nous ne passons pas à huis clos.
Je demande au service public de se retirer du projet.
Le public est nombreux ce soir dans la salle.
La séance est publique."""
NOTICES = """Nous siégerons à huis clos.
Nous siégerons à huis clos dès vingt heures.
Nous siégerons à huis clos à partir du point sept.
Le point 7 sera traité à huis clos.
Le point sept est à huis clos.
Les points 7 et 8 seront traités à huis clos.
Nous traiterons le point 7 à huis clos.
Le huis clos sera prononcé plus tard.
Le huis clos est prévu au point 7.
Nous aurons un huis clos en fin de séance.
C'est à huis clos que nous traiterons cet objet.
La fin de la séance sera non publique.
On passera à huis clos tout à l'heure.
Le conseil siégera à huis clos dès le point 7.
Le point 7 sera traité plus tard à huis clos.
Même si le point 6 est public, le point 7 sera traité à huis clos.
Le bureau a décidé que nous siégerons à huis clos dès vingt heures.
La commission le demande, le point 7 sera à huis clos."""
NO_NOTICE = """Le huis clos de la semaine passée a été long.
Nous parlerons du huis clos de la semaine passée.
Le huis clos sera levé ensuite.
Nous mettrons fin au huis clos.
Le point 7 ne sera pas traité à huis clos.
Nous ne siégerons plus à huis clos.
Le point 7 a été traité à huis clos.
Le point traité à huis clos la semaine passée est public.
Si le point 7 est traité à huis clos, je sortirai.
Le point 7 sera-t-il traité à huis clos ?
La commission siégera à huis clos mardi.
Les marchés publics seront attribués au point 7."""
OPENS = """Le huis clos est levé.
Le huit clos est levé.
Le huis clos est maintenant terminé.
Je lève le huis clos.
Nous levons donc le huis clos.
Nous mettons fin au huis clos.
Nous sortons du huis clos.
Fin du huis clos.
La séance est publique de nouveau.
La séance est de nouveau publique.
La séance redevient publique.
La séance publique est reprise.
Nous reprenons en séance publique.
Nous reprenons la séance publique.
Retour en séance publique.
Le public peut revenir dans la salle.
J'invite le public à regagner la tribune."""
DOES_NOT_OPEN = """Nous lèverons le huis clos après ce vote.
Je propose de lever le huis clos.
Le huis clos est levé dans cinq minutes.
Nous continuons, comme en séance publique, avec les questions.
Il faudra dire au public de revenir.
Le huis clos n'est pas levé.
Avant que le huis clos soit levé, votons.
Quand le huis clos est levé, le public rentre.
Le huis clos sera levé ensuite.
Est-ce que le huis clos est levé ?
La séance n'est pas publique.
Nous reprendrons en séance publique plus tard.
Le public ne peut pas revenir.
Le public pourra revenir ensuite.
À la fin du huis clos nous voterons.
Le service public est repris."""


def turns_of(*texts: str) -> list[Turn]:
    """One turn a text; a word lasts a millisecond."""
    turns, at = [], 0
    for n, text in enumerate(texts):
        words = tuple(Word(at + i, at + i + 1, word, 0.9) for i, word in enumerate(text.split()))
        turns.append(Turn(n, "S1", words))
        at += len(words)
    return turns


def hidden(*texts: str) -> list[str]:
    """What is said in each announced stretch of a sitting whose turns are these."""
    turns = turns_of(*texts)
    every = [word for turn in turns for word in turn.words]
    return [
        " ".join(w.text for w in every if one.span.start_ms <= w.start_ms < one.span.end_ms)
        for one in announced(turns, len(every))
    ]


@pytest.mark.parametrize("title", MARKED.splitlines())
def test_a_title_says_that_its_point_is_in_camera(title: str) -> None:
    assert is_marked(title) and marked(title) == title


@pytest.mark.parametrize("title", OPEN.splitlines())
def test_a_title_that_only_speaks_of_it_does_not(title: str) -> None:
    assert not is_marked(title)
    assert is_marked(marked(title)) and marked(title, closed=False) == title


@pytest.mark.parametrize("words", CLOSES.splitlines())
def test_the_chair_closes_a_sitting(words: str) -> None:
    (secret,) = hidden("Bonsoir.", words, "Un secret.", "Le huis clos est levé.", "La suite.")
    assert "Un secret." in secret and "suite" not in secret and "Bonsoir" not in secret


@pytest.mark.parametrize("words", DOES_NOT_CLOSE.splitlines())
def test_words_that_do_not_close_a_sitting(words: str) -> None:
    assert hidden("Bonsoir.", words, "La suite.") == []


@pytest.mark.parametrize("words", NOTICES.splitlines())
def test_a_closing_is_announced_for_later(words: str) -> None:
    (notice,) = notices(turns_of("Bonsoir.", words, "La suite."))
    assert notice.text == words
    assert hidden("Bonsoir.", words, "La suite.") == []


@pytest.mark.parametrize("words", (*NO_NOTICE.splitlines(), *OPENS.splitlines()))
def test_a_mention_announces_nothing(words: str) -> None:
    assert notices(turns_of(words)) == () and hidden(words) == []


@pytest.mark.parametrize("words", OPENS.splitlines())
def test_the_chair_opens_it_again(words: str) -> None:
    (secret,) = hidden("Bonsoir.", "Le huis clos est prononcé.", "Un secret.", words, "La suite.")
    assert "Un secret." in secret and "suite" not in secret


@pytest.mark.parametrize("words", DOES_NOT_OPEN.splitlines())
def test_in_doubt_it_stays_closed(words: str) -> None:
    (secret,) = hidden("Bonsoir.", "Le huis clos est prononcé.", "Un secret.", words, "La suite.")
    assert secret.endswith("La suite.")


def test_words_that_follow_without_a_stop_are_hidden_too() -> None:
    said = "Le huis clos est prononcé Monsieur Untel est licencié le huis clos est levé."
    assert hidden(said) == ["Monsieur Untel est licencié"]


@pytest.mark.parametrize("value", ["oui", "x", "1", "true", "Oui.", "vrai", "HC", True, 1])
def test_a_flag_marks_the_title(value: object) -> None:
    assert says_so(value)


@pytest.mark.parametrize("value", ["", "non", "0", "Faux", False, 0, None])
def test_a_clear_no_does_not(value: object) -> None:
    assert not says_so(value)


def test_a_column_of_the_agenda_flags_points() -> None:
    table = "numéro;titre;Huis clos\n1;Divers;non\n2;Recours;oui\n3;Fin;"
    assert [item.title for item in read_agenda_text(table)] == [
        "Divers",
        "Recours (huis clos)",
        "Fin",
    ]
    listed = '[{"number": "1", "title": "A", "huis_clos": true}, {"number": "2", "title": "B"}]'
    assert [item.title for item in read_agenda_text(listed)] == ["A (huis clos)", "B"]
    assert read_agenda_text("1. Divers\n2. Recours (huis clos)")[1].title == "Recours (huis clos)"
    assert is_flag("huis_clos") and is_flag("À huis-clos") and not is_flag("titre")


def test_the_mark_is_not_looked_for_in_what_is_said() -> None:
    assert "clos" not in unmarked("Recours de l'école (huis clos)")
