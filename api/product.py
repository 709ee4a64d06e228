"""Builds the product from its settings: the one place where implementations are chosen.

Commands and the server take what they need from a `Product`; models and indexes are loaded when
first used.
"""

import logging
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from threading import Thread

from api.accounts.oidc_accounts import elsewhere
from api.answers.answer import Verified
from api.answers.calibration import load_calibration
from api.answers.evidence import SentenceWeigher
from api.answers.kept import KeptAnswers, Shelf
from api.answers.quotations import Sources
from api.answers.reader.cross_encoder import cross_encoder
from api.answers.reader.learned import load_reader
from api.answers.reader.packaged import packaged_reader
from api.deps import Deps
from api.desk import Desk
from api.digests import Digests
from api.exports.kept_exports import KeptExports
from api.llm.writer import Writer, endpoint
from api.mail.notices import Notices
from api.mail.postman import Collector, Postman
from api.mail.server import mail_server
from api.redaction import Redactor
from api.webhooks import Webhooks, webhooks
from ingest import lexicon, pipeline
from ingest.archive import audit
from ingest.archive.backup import RESTORING
from ingest.archive.blobs import Blobs, DirectoryBlobs
from ingest.archive.change_log import ChangeKind
from ingest.archive.object_store import S3Blobs
from ingest.archive.published import Published
from ingest.archive.redactions import Redaction
from ingest.archive.repository import Archive, open_archive
from ingest.database.engine import Commits
from ingest.documents.glossary import Term, read_glossary
from ingest.documents.request import Request
from ingest.editing.changes import Changes
from ingest.editing.learned_terms import glossary
from ingest.editing.realign import realign
from ingest.errors import BadInput
from ingest.intake.again import HearAgain, request_again
from ingest.intake.rosters import keep_roster
from ingest.jobs import queue
from ingest.pipeline import Announce, Progress, heard_again, unannounced
from ingest.redaction import held
from ingest.redaction.redact import RedactionRequest
from ingest.settings import Settings
from ingest.steps import Steps
from ingest.transcript import Session, Span, Speaker
from search.engine.live import LiveCorpus, open_corpus
from search.engine.retrieve import Retriever
from search.engine.synced import (
    EMBEDDED,
    OFF,
    SyncedIndex,
    has_stores,
    open_index,
    remove_indexes,
)
from search.engine.words import PublishedWords
from search.facts.lookup import CorrectionFinder
from search.filters import EVERYTHING, Filters
from search.index.embed import PACKAGED, ModelEmbedder
from search.index.heard_anew import Anew, CarriedOver, destroyed, replace_transcript
from search.index.publish import GoOn, freely, publish, refresh, tie
from search.index.sentence_vectors import SentenceVectors
from search.index.store import follow, newest_texts
from search.index.vocabulary_cache import CachedVocabulary
from search.index.withdraw import (
    erase_session,
    give_back,
    hold_in_camera,
    redact_passage,
    reopen,
    withdraw,
    withhold,
)
from search.language.acronyms import Acronyms, acronyms, acronyms_said, merge_acronyms
from search.passage import Embedder, Hit
from search.query.followup import resolve
from search.query.parse import parse
from search.query.parsed import READING_S, Budget, Query
from search.votes.confirm import refresh as refresh_votes
from search.votes.lookup import KeptVotes

log = logging.getLogger(__name__)
# Passages in which short forms are looked for at the start: a year and more of sessions, in some
# two seconds. What is abbreviated nowhere else is not often asked for.
_READ_FOR_ACRONYMS = 10_000
FIRST_S = 1.0
"""How long `serve` waits for sessions once models are loaded, and then for the vector store, before
it answers from what is read: the goal is five seconds in all, and all that twenty years take is
read in half a minute."""


def media(settings: Settings) -> Blobs:
    """Where media files are kept. Raises `BadInput` where a package is missing."""
    if settings.media:
        return S3Blobs(settings.media, settings, settings.data / "work")
    return DirectoryBlobs(settings.data / "media")


class Product:
    """One data directory, opened."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def archive(self) -> Archive:
        """The truth. Raises `BadInput` where a restoring was cut short: it may be half there."""
        if (self.settings.data / RESTORING).exists():
            raise BadInput(
                f"Une restauration de « {self.settings.data} » a été interrompue : videz ce "
                "dossier, puis relancez `verbatim restore`."
            )
        data = self.settings.data
        data.mkdir(parents=True, exist_ok=True)  # PostgreSQL does not make it
        is_empty = not any(data.iterdir())
        archive = open_archive(self.settings.database_url)
        if is_empty and archive.count():
            log.warning("%s is empty, and its database is not: is the share mounted?", data)
        return archive

    @cached_property
    def published(self) -> Published:
        """What readers may see of it."""
        return Published(self.archive)

    @cached_property
    def blobs(self) -> Blobs:
        """Media files. Raises `BadInput` where a package is missing."""
        return media(self.settings)

    @cached_property
    def steps(self) -> Steps:
        """The models that hear."""
        return Steps(self.settings)

    @cached_property
    def embedder(self) -> Embedder:
        """Texts to vectors."""
        return ModelEmbedder(self.settings.embedder, self.settings.threads)

    @cached_property
    def corpus(self) -> LiveCorpus:
        """What is published, in memory."""
        return open_corpus(self.archive, self.embedder, self.acronyms)

    @cached_property
    def index(self) -> SyncedIndex | None:
        """The vector store, unless the city wants none or another process owns it."""
        if self.settings.chroma != OFF:
            return self._open_index()
        remove_indexes(self.settings.data)
        return None

    def _open_index(self) -> SyncedIndex | None:
        settings = self.settings
        return open_index(self.archive, settings.data, self.embedder, settings.chroma)

    @cached_property
    def acronyms(self) -> Acronyms:
        """What the city's glossary abbreviates, and what its newest sessions do."""
        path = self.settings.glossary
        with self.archive.engine.connect() as db:
            said = acronyms_said(newest_texts(db, _READ_FOR_ACRONYMS))
        return merge_acronyms(acronyms(read_glossary(path) if path else ()), said)

    @cached_property
    def retriever(self) -> Retriever:
        """Questions to passages."""
        return Retriever(self.archive, self.embedder, self.corpus, self.acronyms)

    @cached_property
    def weigher(self) -> SentenceWeigher:
        """Passages to the sentences that answer."""
        vectors = SentenceVectors(self.archive, self.embedder)
        named, threads = self.settings.reader, self.settings.threads
        reader = packaged_reader if named == PACKAGED else partial(cross_encoder, named)
        return SentenceWeigher(
            embedder=self.embedder,
            corpus=self.retriever,
            vectors=vectors,
            reader=reader(load_reader(), threads),
            calibration=load_calibration(),
            acronyms=self.acronyms,
        )

    @cached_property
    def vocabulary(self) -> CachedVocabulary:
        """What the published sessions name, and the words that questions are read by."""
        lexicon.load()
        return CachedVocabulary(self.published, PublishedWords(self.archive, self.corpus))

    @cached_property
    def _answers(self) -> KeptAnswers:
        refresh_votes(self.archive, tie)
        return KeptAnswers(self.archive, self.corpus, self.sources)

    def sources(self, published: Published) -> Sources:
        """What answers are chosen from, of what is published."""
        return Sources(
            published=published,
            finder=self.retriever,
            decisions=KeptVotes(published),
            weigh=self.weigher,
            corrections=CorrectionFinder(published, self.corpus),
        )

    def glossary(self, path: Path | None = None) -> tuple[Term, ...]:
        """The city's own words (of another file, if one is given), and those that clerks taught."""
        path = path or self.settings.glossary
        return glossary(self.archive, read_glossary(path) if path else ())

    def ingest(
        self, request: Request, progress: Progress, announce: Announce = unannounced
    ) -> Session:
        """Keep a session as a draft; one that is kept already is returned as it is.

        Its body's list of members is kept for the next session.
        """
        heard = (self.archive, self.blobs, self.steps, self.settings.data / "work")
        session = pipeline.ingest(request, *heard, progress, announce)
        with self.archive.begin() as db:
            keep_roster(db, request.body, request.roster)
        return session

    def hear_again(
        self,
        session_id: str,
        asked: HearAgain,
        progress: Progress,
        announce: Announce = unannounced,
        go_on: GoOn = freely,
    ) -> CarriedOver:
        """Transcribe a session again, or tell its voices apart again; what people did is kept.

        Raises `BadInput` where there is no sound to hear, or some of it was destroyed meanwhile.
        """
        session = self.archive.session(session_id)
        before, alone = self.archive.transcript(session_id), asked.kind is ChangeKind.VOICES
        with self.archive.engine.connect() as db:
            gone = destroyed(db, session_id)
        here = (self.archive, self.blobs, self.settings.data, session, self.glossary())
        heard_by = (self.archive, self.steps, self.settings.data / "work", progress, announce)
        with request_again(*here, asked.most_voices, voices_alone=alone) as kept:
            request = replace(kept, captions=asked.captions or kept.captions)
            with heard_again(request, session, *heard_by, before if alone else None) as heard:
                anew = Anew(heard, before, gone, asked.kind, asked.by, asked.most_voices)
                carried = replace_transcript(self.archive, anew, go_on)
        KeptExports(self.settings.data).forget(session_id)
        return carried

    def publish(
        self,
        session_id: str,
        by: str = audit.CONSOLE,
        go_on: GoOn = freely,
        wordless: bool = False,
        without_times: bool = False,
    ) -> Session:
        """Let readers see and find a session. Raises what `search.index.publish.publish` does."""
        publish(self.archive, session_id, self.embedder, by, go_on, wordless, without_times)
        return self.archive.session(session_id)

    def release(self, session_id: str, names: Sequence[str], by: str = audit.CONSOLE) -> None:
        """Say that points or stretches in camera, by number or clock, may be public."""
        session = self.archive.session(session_id)
        with self.archive.begin() as db:
            held.release(db, session, held.named(held.held(db, session), names), by)

    def refresh(self, session_id: str, go_on: GoOn = freely) -> None:
        """Have what readers find of a published session follow its words; else do nothing."""
        refresh(self.archive, session_id, self.embedder, go_on)

    @cached_property
    def changes(self) -> Changes:
        """Changing transcripts, what is searched keeping pace."""
        return Changes(self.archive, (follow,))

    def realign(self, session_id: str, go_on: Callable[[], None]) -> int:
        """Find out when the words that people typed are said; how many turns that concerned.

        It is the machine's doing, whichever correction called for it. `go_on` may raise to stop.
        """
        return realign(self.changes, self.blobs, self.steps.aligner, session_id, go_on)

    def name(self, session_id: str, label: str, person: str | None) -> Speaker:
        """Say who a voice is; what readers see of a published session follows at once."""
        speaker = self.changes.name(session_id, label, person, audit.CONSOLE)
        self.refresh(session_id)
        return speaker

    def withdraw(self, session_id: str) -> Session:
        """Hide a session from readers again."""
        withdraw(self.archive, session_id)
        KeptExports(self.settings.data).forget(session_id)
        return self.archive.session(session_id)

    def hold_in_camera(self, session_id: str) -> Session:
        """Hold a whole session in camera until it is reopened."""
        hold_in_camera(self.archive, session_id)
        KeptExports(self.settings.data).forget(session_id)
        return self.archive.session(session_id)

    def reopen(self, session_id: str) -> Session:
        """Make a session in camera a draft again."""
        reopen(self.archive, session_id)
        return self.archive.session(session_id)

    @cached_property
    def redactor(self) -> Redactor:
        """Finishes what redacting a passage begins."""
        data = self.settings.data
        return Redactor(self.archive, self.blobs, data, self.refresh, self._drop_from_index)

    def _drop_from_index(self) -> None:
        """Have the store on disk follow, without keeping it from the server if that is not us."""
        if self.settings.chroma == OFF:
            return
        mine = "index" in vars(self)
        if not mine and self.settings.chroma == EMBEDDED and not has_stores(self.settings.data):
            return
        index = self.index if mine else self._open_index()
        if index:
            index.sync(patience_s=None)
            if not mine:
                index.close()

    def erase(self, session_id: str) -> None:
        """Delete a whole session for good: words, sound, index, the files' own bytes."""
        number = erase_session(self.archive, session_id)
        with self.archive.engine.connect() as db:
            left = queue.job(db, number).payload
        self.redactor.finish_erasing(session_id, left)

    def withhold(self, session_id: str, span: Span, by: str = audit.CONSOLE) -> Redaction:
        """Keep a passage of a session for the office alone: words, sound, index."""
        done = withhold(self.archive, session_id, span, by)
        self.redactor.finish(session_id)
        return done

    def give_back(self, session_id: str, number: int, by: str = audit.CONSOLE) -> Redaction:
        """Let readers have a withheld passage again."""
        done = give_back(self.archive, session_id, number, by)
        self.redactor.finish(session_id)
        return done

    def close(self, session_id: str, asked: RedactionRequest) -> Redaction:
        """Redact a passage of a session for good: words, sound, index, the files' own bytes."""
        done = redact_passage(self.archive, session_id, asked)
        self.redactor.finish(session_id)
        return done

    def parse(
        self,
        question: str,
        filters: Filters = EVERYTHING,
        before: Query | None = None,
        answered: Sequence[str] = (),
    ) -> Query:
        """What a question asks, narrowed by what was chosen beside it.

        It may lean on the one `before` and on the people whose words `answered` that.
        """
        vocabulary = self.vocabulary()
        today, budget = date.today(), Budget.of(READING_S)
        if before is None:
            return parse(question, vocabulary, today, filters=filters, budget=budget)
        return resolve(
            question,
            before,
            vocabulary,
            today,
            filters=filters,
            answered=answered,
            budget=budget,
        )

    def search(self, question: str, limit: int, filters: Filters = EVERYTHING) -> tuple[Hit, ...]:
        """Published passages that fit, best first."""
        return self.retriever.find(self.parse(question, filters), limit)

    def ask(self, question: Query | str) -> Verified:
        """A verified answer."""
        query = self.parse(question) if isinstance(question, str) else question
        return self._answers(query)

    def kept(self) -> Shelf:
        """What is kept beside the answers while the archive stays as it is."""
        return self._answers.shelf()

    @cached_property
    def _commits(self) -> Commits:
        return Commits(self.archive.engine.url)

    def version(self) -> Hashable | None:
        """Another with each commit, and with what is searched; None until all is searched."""
        commits = self._commits() if self.corpus.is_whole else None
        return None if commits is None else (commits, self.corpus.generation)

    def warm(self, patience_s: float | None = None) -> None:
        """Load what answering needs, so that no reader waits for it, nor two load it at once.

        After `patience_s` seconds (None: wait for all) the sessions that are not read yet, the
        older ones, follow in the background, and so does the vector store.
        """
        self.corpus = LiveCorpus(self.archive, self.embedder, self.acronyms)
        self.corpus.start(0)
        self.ask("Réchauffement des modèles")  # they load while sessions are read
        self.corpus.start(patience_s)
        consulting = Thread(target=self._consult, name="index-open", daemon=True)
        consulting.start()
        consulting.join(patience_s)

    def _consult(self) -> None:
        """Have questions that nothing narrows be answered from the vector store, once open."""
        if self.index:
            self.corpus.consult(self.index)
            self.index.watch()

    def deps(self) -> Deps:
        """What the server needs."""
        llm = endpoint(self.settings)
        return Deps(
            settings=self.settings,
            published=self.published,
            blobs=self.blobs,
            vocabulary=self.vocabulary,
            ask=self.ask,
            finder=self.retriever,
            subjects=self.retriever,
            writer=Writer(llm, self.published) if llm else None,
            kept=self.kept,
            version=self.version,
        )

    def postman(self) -> Postman | None:
        """The sender of mail; None where the city has set no server. Raises `BadInput`."""
        server = mail_server(self.settings)
        if server is None:
            return None
        collectors: list[Collector] = [Notices(self.archive, self.settings)]
        deps = self.deps()
        if deps.alerts.is_open:
            collectors.append(Digests(self.archive, deps))
        return Postman(self.archive, server, collectors)

    def webhooks(self) -> Webhooks | None:
        """The calls to other programs; None if the city sets no address. Raises `BadInput`."""
        return webhooks(self.settings, self.published)

    def desk(self) -> Desk:
        """What the office works with."""
        other = elsewhere(self.settings)
        return Desk(self.settings, self.archive, self.blobs, elsewhere=other)
