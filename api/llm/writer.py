"""From a verified answer to a machine's text about it: what a model is sent, nothing else is."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from api.answers.answer import Sentence, Verified, Written
from api.answers.citation import Citation
from api.llm.client import LLM, OpenAIEndpoint, Patience
from api.llm.sentences import write
from api.llm.source import Source
from ingest.archive.published import Published
from ingest.errors import NotFound
from ingest.settings import Settings


@dataclass(frozen=True)
class Writer:
    """Has a model write from the quotations of verified answers."""

    llm: LLM
    published: Published

    def __call__(self, question: str, verified: Verified) -> Iterator[Sentence | Written]:
        """Each sentence once it is checked, then how it went. Nothing is asked for a refusal."""
        if not verified.answer.refused:
            sources = [self._source(citation) for citation in verified.answer.citations]
            yield from write(question, sources, self.llm)

    def _source(self, citation: Citation) -> Source | None:
        with suppress(NotFound):  # withdrawn since it was verified: not sent either
            session = self.published.session(citation.session)
            item = session.agenda_item_at(citation.start_ms)
            person = session.person(citation.speaker) if citation.speaker else None
            office = (person.role, person.group) if person else ()
            topic = (item.title, item.object or "") if item else ()
            about = (*office, *topic, session.body)
            return Source(citation.quote, citation.speaker, session.date, about)
        return None


def endpoint(settings: Settings) -> LLM | None:
    """The model that a city configured, or None: then nothing leaves the machine."""
    if settings.llm_url is None:
        return None
    key = settings.llm_key.get_secret_value() if settings.llm_key else ""
    patience = Patience.of(settings.llm_timeout_s)
    return OpenAIEndpoint(settings.llm_url, settings.llm_model, key, patience)
