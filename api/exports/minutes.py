"""Minutes as a document: a template, the city's own or ours, filled with a session.

A template comes from outside: it is opened and filled in a child process that is limited, in a
sandbox that gives it the documented fields and nothing else, and kept only after it was filled
with sessions made up for the purpose. What it would load from elsewhere is refused, before and
after it is filled (`docx_package`): a server elsewhere would learn who reads the minutes. The
fields that a template may name are in French, the language of the clerks who write one. Knows
nothing of sessions, for the child imports it at every document: `minutes_content` fills the fields.
"""

import re
import traceback
from collections.abc import Callable, Iterable, Sized
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from functools import wraps
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

from jinja2 import (
    DictLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
    UndefinedError,
)
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.nodes import Concat
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from api.exports.docx_package import check_package
from ingest.audio.sandbox import ChildDied, Limits, ReportProgress, run_limited
from ingest.errors import BadInput, VerbatimError

LARGEST_MB = 5  # of a template, its images included; read into memory whole
_LIMITS = Limits(cpu_s=10, memory_bytes=1 << 30, wall_s=40.0)
"""With imports the longest session (12 hours, 4,000 passages) takes 1.3 s and 220 MB; the rest is
for busy machines, and for templates that do more than ours."""
_LARGEST_PART = 16 << 20  # characters of a part, or of a value: that session takes 3 million
_LARGEST_XML = 48 << 20  # bytes, of all parts of a filled document
_LARGEST_FILLED = 20 << 20  # bytes: a template of 5 MB, and that session in a zip's 100 KB
_FILTERS = ("capitalize", "default", "first", "join", "last", "length", "lower", "title", "trim")
_GROWING = ("*", "**", "%")  # a short template must not become a long document by itself
_TOO_LONG = (
    "Ce modèle donne un document démesuré : retirez les boucles imbriquées et les textes qui se "
    "doublent, puis redonnez-le."
)


def _is(says: str) -> Any:
    return field(metadata={"says": says})


@dataclass(frozen=True)
class Membre:
    """A person of the session's roster."""

    nom: str = _is("prénom et nom")
    fonction: str = _is("fonction, comme « conseillère municipale »")
    groupe: str = _is("parti ou groupe")


@dataclass(frozen=True)
class MinutesMember:
    """A member whose presence a clerk has confirmed."""

    nom: str = _is("prénom et nom")
    fonction: str = _is("fonction")
    groupe: str = _is("parti ou groupe")
    arrivee: str = _is("heure d'arrivée, « 18 h 05 » ; vide pour qui était là dès le début")
    depart: str = _is("heure de départ ; vide pour qui est resté")


@dataclass(frozen=True)
class Groupe:
    """The members of one group."""

    nom: str = _is("nom du groupe, ou « Sans groupe »")
    membres: tuple[Membre, ...] = _is("ses membres : nom, fonction, groupe")


@dataclass(frozen=True)
class MinutesEntry:
    """A speech, or a gap without words."""

    parole: bool = _is(
        "vrai si quelqu'un parle ; faux pour un huis clos ou une parole non transcrite"
    )
    nom: str = _is("qui parle")
    fonction: str = _is("sa fonction")
    groupe: str = _is("son groupe")
    qui: str = _is("nom, fonction et groupe sur une ligne")
    change: bool = _is("vrai si ce n'est plus la même personne qu'au passage précédent")
    heure: str = _is("temps dans l'enregistrement, 0:12:31 ; vide sans horaires")
    texte: str = _is("ce qui est dit, mot pour mot ; sinon « Passage à huis clos »")


@dataclass(frozen=True)
class MinutesDecision:
    """A vote or a decision that was announced."""

    phrase: str = _is(
        "la décision en une phrase, avec les voix, « à confirmer » tant qu'elle ne l'est pas"
    )
    paroles: str = _is("les mots mêmes qui l'annoncent")
    objet: str = _is("code de l'objet, comme PR-12")
    nominal: str = _is("d'un vote nominal, les noms : « Oui : … Non : … » ; vide sinon")
    confirmee: bool = _is("vrai si le secrétariat l'a confirmée")
    heure: str = _is("temps dans l'enregistrement ; vide sans horaires")


@dataclass(frozen=True)
class MinutesPoint:
    """A point of the agenda. Before the first, one without number or title."""

    numero: str = _is("numéro")
    titre: str = _is("titre")
    objet: str = _is("code de l'objet, comme PR-12")
    intitule: str = _is("numéro, titre et objet sur une ligne ; vide avant le premier point")
    heure: str = _is("temps dans l'enregistrement ; vide sans horaires")
    passages: tuple[MinutesEntry, ...] = _is("ce qui est dit, dans l'ordre")
    decisions: tuple[MinutesDecision, ...] = _is("votes et décisions")


@dataclass(frozen=True)
class Minutes:
    """All that a template is given."""

    ville: str = _is("nom de la commune")
    titre: str = _is("titre de la séance")
    organe: str = _is("qui siège, comme « Conseil municipal »")
    date: str = _is("date en toutes lettres")
    date_courte: str = _is("date en chiffres, 13.05.2025")
    duree: str = _is("durée de l'enregistrement")
    etat: str = _is("transcription automatique, ou revue par qui et quand")
    revu: bool = _is("vrai si une personne a relu tout le texte")
    horaires: bool = _is("vrai si les temps ont été demandés")
    ouverture: str = _is("heure d'ouverture, « 17 h 30 » ; vide tant qu'elle n'est pas confirmée")
    cloture: str = _is("heure de clôture ; vide tant qu'elle n'est pas confirmée")
    presents: tuple[MinutesMember, ...] = _is("qui était là, une fois les présences confirmées")
    excuses: tuple[MinutesMember, ...] = _is("qui était excusé")
    absents: tuple[MinutesMember, ...] = _is("qui était absent")
    groupes: tuple[Groupe, ...] = _is("la liste de la séance, par groupe")
    orateurs: tuple[Membre, ...] = _is("qui a pris la parole, dans l'ordre")
    ordre_du_jour: tuple[MinutesPoint, ...] = _is("les points annoncés, même non traités")
    points: tuple[MinutesPoint, ...] = _is("les points traités, avec ce qui s'y est dit")


_INSIDE: dict[str, type] = {
    "groupes": Groupe,
    "membres": Membre,
    "orateurs": Membre,
    "presents": MinutesMember,
    "excuses": MinutesMember,
    "absents": MinutesMember,
    "points": MinutesPoint,
    "passages": MinutesEntry,
    "decisions": MinutesDecision,
}


def documented() -> dict[str, dict[str, str]]:
    """What each field of a template holds: the whole document's under "", then each list's."""
    return {
        name: {one.name: one.metadata["says"] for one in fields(of)}
        for name, of in {"": Minutes, **_INSIDE}.items()
    }


# --- filling a template ---------------------------------------------------------------------


class _Bounding(CodeGenerator):
    """Checks the length of what `~` makes: jinja calls no function that could be replaced."""

    def visit_Concat(self, node: Concat, frame: Frame) -> None:  # noqa: N802  # jinja's name
        """The concatenation, checked for its length."""
        self.write("environment.bounded(")
        super().visit_Concat(node, frame)
        self.write(")")


class _Sandbox(ImmutableSandboxedEnvironment):
    """Gives a template our fields and the place in a loop; no method, no function.

    What it makes is bounded: a part, and any value on the way.
    """

    intercepted_binops = frozenset((*_GROWING, "+"))
    code_generator_class = _Bounding

    def __init__(self) -> None:
        super().__init__(loader=DictLoader({}), undefined=StrictUndefined, autoescape=True)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in (*_FILTERS, "upper")}
        join = self.filters["join"]
        self.filters["join"] = wraps(join)(lambda *given, **how: self.bounded(join(*given, **how)))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """A field of ours, or of a loop."""
        ours = is_dataclass(obj) and attr in {one.name for one in fields(obj)}
        return ours or (isinstance(obj, LoopContext) and not attr.startswith("_"))

    def wrap_str_format(self, value: Any) -> None:
        """Not even `str.format`, which jinja lets through: it pads as wide as a template says."""
        return

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """The operation, unless it could grow without end."""
        if operator in _GROWING:
            raise SecurityError(f"l'opération « {operator} » n'est pas permise")
        return self.bounded(super().call_binop(context, operator, left, right))

    @staticmethod
    def bounded(value: Any) -> Any:
        """A value as it is. Raises `BadInput` for one that is too long."""
        if isinstance(value, Sized) and len(value) > _LARGEST_PART:
            raise BadInput(_TOO_LONG)
        return value

    @staticmethod
    def concat(pieces: Iterable[str]) -> str:
        """The text of a part or of a macro. Raises `BadInput` for one that is too long."""
        kept, length = [], 0
        for piece in pieces:
            length += len(piece)
            if length > _LARGEST_PART:
                raise BadInput(_TOO_LONG)
            kept.append(piece)
        return "".join(kept)


def fill(template: bytes, given: Minutes) -> bytes:
    """A template filled with a session. Raises `BadInput` that names what is wrong in it."""
    filled: bytes = _in_child(_checked_and_filled, template, given)
    return filled


def check(template: bytes, samples: tuple[Minutes, ...]) -> None:
    """Raise `BadInput` unless a template can be opened, is harmless, and fills every sample."""
    _in_child(_check_all, template, samples)


def _in_child(task: Callable[..., Any], template: bytes, given: object) -> Any:
    """Run a task on a template in a child process: it may exhaust that one, but not ours."""
    if len(template) > LARGEST_MB << 20:
        raise BadInput(f"Ce modèle dépasse {LARGEST_MB} Mo : réduisez ses images.")
    try:
        return run_limited(task, template, given, limits=_LIMITS, report=lambda _: None)
    except ChildDied:
        raise BadInput(
            "Ce modèle demande trop de temps ou de mémoire pour être rempli : retirez les boucles "
            "imbriquées et les textes qui se doublent, puis redonnez-le."
        ) from None


# --- in the child -----------------------------------------------------------------------------


def _check_all(template: bytes, samples: tuple[Minutes, ...], _report: ReportProgress) -> None:
    check_package(template)
    for given in samples:
        _filled(template, given)


def _checked_and_filled(template: bytes, given: Minutes, _report: ReportProgress) -> bytes:
    check_package(template)
    return _filled(template, given)


def _filled(template: bytes, given: Minutes) -> bytes:
    """The one place where what goes wrong in the libraries becomes a sentence."""
    try:
        filled = _rendered(template, given)
    except (VerbatimError, MemoryError):
        raise
    except TemplateError as error:
        raise BadInput(_explained(error)) from None
    except RecursionError:
        raise BadInput(
            "Une macro ou une boucle de ce modèle s'appelle elle-même sans fin : retirez-la."
        ) from None
    except Exception as error:
        if not isinstance(error, BadZipFile | LookupError | ValueError | SyntaxError | TypeError):
            traceback.print_exc()  # nothing but the file is at hand here: but no such one is known
        raise BadInput(
            f"Ce modèle n'a pas pu être rempli ({type(error).__name__}) : ouvrez-le dans votre "
            "traitement de texte, enregistrez-le de nouveau en .docx, puis redonnez-le."
        ) from None
    if len(filled) > _LARGEST_FILLED:
        raise BadInput(_TOO_LONG)
    check_package(filled, _LARGEST_XML)  # a tag may make what a template must not hold
    return filled


_LONGEST_PROPERTY = 255  # characters, in Word and in python-docx


def _rendered(template: bytes, given: Minutes) -> bytes:
    """The filled template; its properties are the city's, not those of who made the template."""
    from docxtpl import DocxTemplate

    document = DocxTemplate(BytesIO(template))
    _find_properties(document.get_docx().part.package)
    context = {one.name: getattr(given, one.name) for one in fields(given)}
    document.render(context, _Sandbox(), autoescape=True)
    about = document.docx.core_properties
    about.title, about.subject = given.titre[:_LONGEST_PROPERTY], given.organe[:_LONGEST_PROPERTY]
    about.author = about.last_modified_by = given.ville[:_LONGEST_PROPERTY]
    about.created = about.modified = datetime.now(UTC)
    about.comments, about.keywords, about.language, about.revision = "", "", "fr", 1
    saved = BytesIO()
    document.save(saved)
    return saved.getvalue()


_OF_LIBREOFFICE = (
    "http://schemas.openxmlformats.org/officedocument/2006/relationships/metadata/core-properties"
)


def _find_properties(package: Any) -> None:
    """Relate a document's properties as the standard has it (ISO 29500-2, 8.3.2).

    LibreOffice names that relation otherwise: python-docx, which misses them, would add others
    under the same name, and the document would have two parts of it.
    """
    for name, relation in list(package.rels.items()):
        if relation.reltype == _OF_LIBREOFFICE:
            from docx.opc.constants import RELATIONSHIP_TYPE

            del package.rels[name]
            package.relate_to(relation.target_part, RELATIONSHIP_TYPE.CORE_PROPERTIES)


# --- what is wrong in it ----------------------------------------------------------------------


def _explained(error: TemplateError) -> str:
    if isinstance(error, TemplateNotFound):
        return f"Un modèle ne peut en inclure un autre (« {error.name} ») : retirez cette balise."
    message = error.message or ""
    for pattern, sentence in _EXPLAINED:
        if match := re.search(pattern, message):
            return sentence(match)
    near = _near(error)
    if isinstance(error, TemplateSyntaxError):
        return f"Une balise de ce modèle est mal écrite{near}. Vérifiez ses accolades."
    if isinstance(error, UndefinedError | SecurityError):
        return f"Une balise de ce modèle n'est pas permise{near} : {message}."
    return f"Ce modèle n'a pas pu être rempli{near}."


def _near(error: TemplateError) -> str:
    lines = [line.strip() for line in getattr(error, "docx_context", ())]
    tagged = [line for line in lines if "{%" in line or "{{" in line]
    return f", près de « {tagged[len(tagged) // 2][:120]} »" if tagged else ""


def _names(match: re.Match[str]) -> str:
    return (
        f"Le champ « {match[1]} » n'existe pas : corrigez cette balise d'après la liste des champs."
    )


_EXPLAINED: tuple[tuple[str, Callable[[re.Match[str]], str]], ...] = (
    (r"^'(\w+)' is undefined", _names),
    (r"has no attribute '(\w+)'", _names),
    (r"access to attribute '(\w+)'", _names),
    (
        r"[Nn]o filter named '(\w+)'",
        lambda match: f"Le filtre « {match[1]} » n'existe pas : retirez-le de la balise.",
    ),
    (
        r"[Uu]nknown tag '(\w+)'",
        lambda match: (
            f"La balise « {match[1]} » n'est pas attendue là : vérifiez que chaque « for » a son "
            "« endfor », et chaque « if » son « endif »."
        ),
    ),
    (
        r"[Uu]nexpected end of template",
        lambda _: (
            "Une balise de ce modèle n'est pas fermée : chaque « for » a son « endfor », et chaque "
            "« if » son « endif »."
        ),
    ),
)
