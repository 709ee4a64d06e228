"""`make cluster`: the deployment of several machines, on this one, its parts killed in turn.

    python -m tests.cluster [--sessions 2] [--keep FOLDER]

Nginx by `deploy/nginx.conf`, two servers, two workers, PostgreSQL, a Chroma server and an
S3-compatible one, as processes without containers. A sample is brought in through the proxy as a
clerk does, published and asked; then one of everything is killed, readers go on asking, and it is
started again. Prints what readers met. Needs Debian's nginx and postgresql; some ten minutes.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import uuid4

import httpx
from sqlalchemy import select

from api.accounts import accounts, sessions
from api.accounts.roles import Role
from api.product import Product
from ingest.jobs import queue
from ingest.jobs.queue import Job, JobKind, JobState
from ingest.settings import Settings
from tests.support import s3_server
from tests.support.paths import ROOT
from tests.support.waiting import free_port, listens, until

SAMPLES = sorted((ROOT / "samples").glob("2025-*"))
QUESTIONS = (
    "Combien coûte la piste cyclable du quai du Soleil ?",
    "Qui a parlé de la piste cyclable ?",
    "Qu'est-ce qui a été accepté en mars ?",
    "Combien de personnes ont signé la pétition P-3 ?",
    "Quel est le crédit demandé ?",
)
PATIENCE_S = 1800.0  # a sample takes a minute on two idle cores
BIN = Path(sys.executable).parent


@dataclass
class Part:
    """A process of the deployment, which can be killed and started again."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens, if it does."""
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=self.folder, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        if self.port:
            until(lambda: listens(self.port))

    def kill(self) -> None:
        """End it and what it started, without a word."""
        if self.process:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _words() -> Iterator[str]:
    """Long words of the first sample, one after the other, without end."""
    text = (SAMPLES[0] / "reference.json").read_text("utf-8").lower()
    for number in count():
        for word in dict.fromkeys(re.findall(r"\b[a-zéèêàç]{7,}\b", text)):
            yield f"{word} {number}" if number else word


@dataclass
class Cluster:
    """All parts, by name, the proxy's address and the archive behind it."""

    parts: dict[str, Part]
    address: str
    database: str
    product: Product
    rows: list[tuple[str, ...]] = field(default_factory=list)
    words: Iterator[str] = field(default_factory=_words)

    def ask(self) -> tuple[int, int, float]:
        """How many questions were answered, how many were asked, and the longest wait (s).

        One more than `QUESTIONS`, each time another: its answer is kept by no server yet.
        """
        answered, longest = 0, 0.0
        new = f"Qu'a-t-on dit de {next(self.words)} ?"
        for question in (*QUESTIONS, new):
            began = time.monotonic()
            with suppress(httpx.HTTPError):
                reply = self._reader.post("/api/ask", json={"question": question})
                well = reply.status_code == httpx.codes.OK
                answered += well and (question == new or bool(reply.json()["citations"]))
            longest = max(longest, time.monotonic() - began)
        return answered, len(QUESTIONS) + 1, longest

    def hears(self, session: str) -> int:
        """The status of a part of a session's sound."""
        address = f"/api/sessions/{session}/audio.opus"
        try:
            return self._reader.get(address, headers={"Range": "bytes=0-9999"}).status_code
        except httpx.HTTPError:
            return 0

    @property
    def _reader(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, verify=False, timeout=60)

    def until_well(self, session: str) -> float:
        """Seconds until all questions are answered and sound is heard."""
        began = time.monotonic()
        while self.ask()[0] <= len(QUESTIONS) or self.hears(session) != httpx.codes.PARTIAL_CONTENT:
            assert time.monotonic() - began < PATIENCE_S
            time.sleep(1)
        return time.monotonic() - began

    def note(self, what: str, session: str, again: Callable[[], None]) -> None:
        """Ask while a part is down, start it, and write down what readers met."""
        answered, asked, longest = self.ask()
        sound = self.hears(session)
        again()
        back = self.until_well(session)
        self.rows.append(
            (what, f"{answered} of {asked}", f"{longest:.1f}", str(sound), f"{back:.0f}")
        )
        print(" | ".join(self.rows[-1]), flush=True)

    def job(self, kind: JobKind) -> Job:
        """The newest job of a kind."""
        with self.product.archive.engine.connect() as db:
            newest = select(queue.table).where(queue.table.c.kind == kind)
            return queue.read(db.execute(newest.order_by(queue.table.c.id.desc())).first())  # type: ignore[arg-type]

    def done(self, kind: JobKind) -> Job:
        """The newest job of a kind, once it has ended well."""
        until(lambda: self.job(kind).state not in queue.WAITING, each_s=1)
        job = self.job(kind)
        assert job.state is JobState.DONE, job.error
        return job


class Clerk:
    """Works in the office through the proxy."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        with cluster.product.archive.begin() as db:
            token = sessions.start(db, accounts.add(db, "tests", "greffe", "Greffe", Role.CLERK).id)
        self._browser = httpx.Client(
            base_url=cluster.address, verify=False, timeout=300,
            headers={"Origin": cluster.address}, cookies={"__Host-verbatim": token},
        )  # fmt: skip

    def bring_in(self, sample: Path) -> None:
        """Send a session's form, its files with it."""
        about = json.loads((sample / "session.json").read_text("utf-8"))
        typed = {
            "do": "send", "title": about["title"], "date": about["date"], "body": about["body"],
            "roster": (sample / "roster.csv").read_text("utf-8"),
            "agenda": (sample / "agenda.json").read_text("utf-8"),
        }  # fmt: skip
        files = [
            ("files", (part.name, part.read_bytes())) for part in sorted(sample.glob("*.opus"))
        ]
        sent = self._browser.post(f"/bureau/apporter/{uuid4().hex}", data=typed, files=files)
        assert sent.status_code == httpx.codes.SEE_OTHER, (sent.status_code, sent.text[:2000])

    def publish(self, session: str) -> None:
        """Have readers find it."""
        here = f"/bureau/seances/{session}/publication/publier"
        sent = self._browser.post(here, data={"sans_temps": "oui"})
        assert sent.status_code == httpx.codes.SEE_OTHER, (sent.status_code, sent.text[:2000])
        self.cluster.done(JobKind.PUBLISH)


def _proxy(folder: Path, ports: Sequence[int], port: int) -> Sequence[str]:
    """Nginx's command, with `deploy/nginx.conf` for these servers and a certificate made for it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    site = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    plain, _, secure = site.partition("server {\n    listen 443")
    upstream = plain[: plain.index("server {\n    listen 80;")]
    servers = "\n".join(f"    server 127.0.0.1:{one};" for one in ports)
    site = (
        upstream.replace("    server 127.0.0.1:8000;", servers)
        + f"server {{\n    listen {port}{secure}"
    )
    for old, new in (
        ("    listen [::]:443 ssl http2;\n", ""),
        ("/etc/letsencrypt/live/seances.exemple.ch/fullchain.pem", str(certificate)),
        ("/etc/letsencrypt/live/seances.exemple.ch/privkey.pem", str(key)),
    ):
        assert old in site, old
        site = site.replace(old, new)
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/nginx.pid;\nevents {{}}\nhttp {{\n{site}\n}}\n", "utf-8"
    )
    return (
        "nginx",
        "-p",
        str(folder),
        "-c",
        str(folder / "nginx.conf"),
        "-e",
        f"{folder}/nginx.err",
    )


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """The whole deployment, while inside."""
    web = (free_port(), free_port())
    s3, chroma, proxy = free_port(), free_port(), free_port()
    start = subprocess.run(
        [".ci/postgres", "start"], cwd=ROOT, check=True, capture_output=True, text=True,
        env=os.environ | {"SYNCHRONOUS": "on"},
    )  # fmt: skip
    database = start.stdout.strip()
    settings = {
        "VERBATIM_DATA": str(folder / "shared"), "VERBATIM_DATABASE": database,
        "VERBATIM_CHROMA": f"http://127.0.0.1:{chroma}", "VERBATIM_WORKERS": "0",
        "VERBATIM_THREADS": "1", "VERBATIM_MEDIA": f"s3://{s3_server.BUCKET}/{s3_server.PREFIX}",
        "VERBATIM_MEDIA_ENDPOINT": f"http://127.0.0.1:{s3}", "AWS_ACCESS_KEY_ID": s3_server.KEY,
        "AWS_SECRET_ACCESS_KEY": s3_server.SECRET, "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    os.environ |= settings
    mine = dict(os.environ)
    theirs = mine | {"NANIO_ACCESS_KEY": s3_server.KEY, "NANIO_SECRET_KEY": s3_server.SECRET}
    verbatim = str(BIN / "verbatim")
    (folder / "s3" / s3_server.BUCKET).mkdir(parents=True)
    parts = (
        Part("s3", [str(BIN / "nanio"), "serve", "--data-dir", str(folder / "s3"), "--host",
                    "127.0.0.1", "--port", str(s3)], theirs, folder, s3),
        Part("chroma", [str(BIN / "chroma"), "run", "--path", str(folder / "chroma"), "--host",
                        "127.0.0.1", "--port", str(chroma)], mine, folder, chroma),
        *(Part(f"web-{n}", [verbatim, "serve", "--port", str(port)], mine, folder, port)
          for n, port in enumerate(web)),
        *(Part(f"worker-{n}", [verbatim, "worker"], mine, folder) for n in range(2)),
        Part("proxy", _proxy(folder, web, proxy), mine, folder, proxy),
    )  # fmt: skip
    with ExitStack() as stack:
        stack.callback(subprocess.run, [".ci/postgres", "stop", database], cwd=ROOT, check=False)
        for part in parts:
            stack.callback(part.kill)
            part.start()
        product = Product(Settings(_env_file=None))
        stack.callback(product.archive.engine.dispose)
        by_name = {part.name: part for part in parts}
        yield Cluster(by_name, f"https://localhost:{proxy}", database, product)


def _holder(cluster: Cluster) -> Part:
    """The worker that holds the newest transcription: the file that says so is open in it."""
    with cluster.product.archive.engine.connect() as db:
        owner = db.execute(
            select(queue.table.c.owner).where(queue.table.c.id == cluster.job(JobKind.INGEST).id)
        ).scalar_one()
    for part in (cluster.parts["worker-0"], cluster.parts["worker-1"]):
        assert part.process
        for handle in Path(f"/proc/{part.process.pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                if str(handle.readlink()).endswith(f"{owner}.lock"):
                    return part
    raise AssertionError(f"no worker holds {owner}")


def kill_a_worker(cluster: Cluster, clerk: Clerk, sample: Path) -> None:
    """The one that transcribes: the other takes its job over and ends it."""
    clerk.bring_in(sample)
    until(lambda: cluster.job(JobKind.INGEST).fraction > 0.2, each_s=0.5)
    victim = _holder(cluster)
    victim.kill()
    began = time.monotonic()
    until(lambda: cluster.job(JobKind.INGEST).attempts > 1, each_s=0.5)
    taken = time.monotonic() - began
    stage = cluster.job(JobKind.INGEST).stage
    cluster.done(JobKind.INGEST)
    victim.start()
    print(f"{victim.name} killed in {stage!r}: taken over after {taken:.0f} s", flush=True)
    cluster.rows.append((f"{victim.name}, while it transcribed", "-", "-", "-", f"{taken:.0f}"))


def kill_each(cluster: Cluster, session: str) -> None:
    """All but the workers, one after the other."""
    for name in ("web-0", "chroma", "s3", "proxy"):
        part = cluster.parts[name]
        part.kill()
        cluster.note(name, session, part.start)

    def postgres(what: str) -> None:
        subprocess.run([".ci/postgres", what, cluster.database], cwd=ROOT, check=True)

    postgres("crash")
    cluster.note("PostgreSQL", session, lambda: postgres("again"))


def main() -> int:
    """Prints a table; 1 if `verify` finds something at the end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=2, choices=(1, 2, 3))
    parser.add_argument("--keep", type=Path, help="a folder for logs and data, which stay")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp(prefix="verbatim-cluster-"))
    folder.mkdir(parents=True, exist_ok=True)
    with running(folder) as cluster:
        clerk = Clerk(cluster)
        first, *others = SAMPLES[: given.sessions]
        clerk.bring_in(first)
        cluster.done(JobKind.INGEST)
        (session,) = (one.id for one in cluster.product.archive.sessions())
        clerk.publish(session)
        print(f"published; all well after {cluster.until_well(session):.0f} s", flush=True)
        kill_each(cluster, session)
        for sample in others:
            kill_a_worker(cluster, clerk, sample)
        for one in cluster.product.archive.sessions():
            if one.id != session:
                clerk.publish(one.id)
        cluster.until_well(session)
        whole = subprocess.run(
            [str(BIN / "verbatim"), "verify"], cwd=folder, check=False
        ).returncode
    print("\n| killed | answered meanwhile | longest wait, s | sound | all well again after, s |")
    print("|---|---|---|---|---|")
    for row in cluster.rows:
        print("| " + " | ".join(row) + " |")
    if not given.keep:
        shutil.rmtree(folder)
    return whole


if __name__ == "__main__":
    raise SystemExit(main())
