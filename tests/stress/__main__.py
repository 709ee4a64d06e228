"""Kills the product at random moments, over and over, and holds what is left against what it said.

    python -m tests.stress --kills 500 --seed 7 [--power] [--database URL] [--acts edit,publish]

Each life is a process that does one act of an office; it is killed by SIGKILL somewhere within.
The next process goes on by itself, and everything is read back (`tests.stress.checks`). A place is
used for some lives, so that damage would add up, then a new one is begun. `--power` takes away what
was not flushed to the disk as well (SQLite; `power_loss.c`). On PostgreSQL each place is a database
of its own, made from a template. Figures go to standard output, one line of JSON at the end.
"""

import argparse
import json
import math
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine

from tests.stress.acts import ACTS, Place, act, prepare
from tests.stress.checks import recovered

HERE = Path(__file__).parent
_CUT = 0.5  # of kills are power cuts: what was acknowledged lives before must have been flushed
LIVES = 8  # of one place: two of its secrets are destroyed within, most acts come twice
_TEMPLATE = f"template_{os.getpid()}"
_SEEN = 9  # the last times of an act, whose median is what a kill is drawn from


@dataclass
class Figures:
    """What came of it."""

    seed: int
    database: str
    power: bool
    cuts: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def usual_s(self, name: str) -> float:
        """How long an act takes that is not killed."""
        return statistics.median(self.times[name][-_SEEN:])


def in_child(task: Callable[[], None]) -> int:
    """The number of a child that does this, and ends with 0 unless it fails."""
    pid = os.fork()
    if pid:
        return pid
    try:
        task()
        code = 0
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    os._exit(code)


def ended(pid: int) -> int:
    """The exit code of a child; -9 where it was killed."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# --- a place, and what a power cut leaves of it ---------------------------------------------------


@dataclass(frozen=True)
class Ground:
    """Where places are made: below a folder in memory, from a template."""

    root: Path
    server: str | None

    def template(self) -> Place:
        """The place that all others are copies of."""
        return self.place(_TEMPLATE)

    def place(self, name: str) -> Place:
        """A place of that name; its databases are another matter."""
        of = None if self.server is None else self.server.replace("/postgres?", f"/{name}?")
        return Place(
            self.root / name / "data",
            self.root / name / "outside",
            of,
            None if of is None else of.replace(f"/{name}?", f"/{name}_other?"),
        )

    def begin(self) -> None:
        """Make the template."""
        self._sql(f"CREATE DATABASE {_TEMPLATE}")
        prepare(self.template())

    def warm(self, figures: Figures) -> None:
        """Do every act once in this process, so that its children need not load what they use.

        Then once in a child, for the time that it takes there.
        """
        place = self.copy(f"warm_{os.getpid()}")
        for number, name in enumerate(ACTS, 1):
            act(place, name, number)
        first = list(recovered(place))
        for number, name in enumerate(ACTS, 1 + len(ACTS)):
            began = time.monotonic()
            ended(in_child(partial(act, place, name, number)))
            figures.times[name].append(time.monotonic() - began)
        for fault in (*first, *recovered(place)):
            raise SystemExit(f"without any kill: {fault}")
        self.remove(place)

    def copy(self, name: str) -> Place:
        """A new place."""
        made = self.place(name)
        shutil.copytree(self.template().data.parent, made.data.parent)
        self._sql(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}", f"CREATE DATABASE {name}_other")
        return made

    def end(self) -> None:
        """Remove the template."""
        self._sql(f"DROP DATABASE {_TEMPLATE} (FORCE)")

    def remove(self, place: Place) -> None:
        """What it was is not needed any more."""
        name = place.data.parent.name
        shutil.rmtree(place.data.parent)
        self._sql(f"DROP DATABASE {name} (FORCE)", f"DROP DATABASE {name}_other (FORCE)")

    def _sql(self, *statements: str) -> None:
        if self.server is None:
            return
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as db:
            for statement in statements:
                db.exec_driver_sql(statement)
        engine.dispose()


class Power:
    """The image of a place's data as flushes leave it, and what is there once the power is back."""

    def __init__(self, place: Place, rng: random.Random) -> None:
        self._data, self._image, self._rng = place.data, place.outside / "image", rng

    def begin(self) -> None:
        """All that is there now was flushed."""
        shutil.rmtree(self._image, ignore_errors=True)
        self._image.mkdir()
        lines = []
        for path in sorted((self._data, *self._data.rglob("*"))):
            inode = 0 if path.is_dir() else path.stat().st_ino
            lines.append(f"{inode} {'' if path == self._data else path.relative_to(self._data)}\n")
            if inode:
                shutil.copyfile(path, self._image / str(inode))
        (self._image / "names").write_text("".join(lines))
        os.environ["LOSS_ROOT"], os.environ["LOSS_IMAGE"] = str(self._data), str(self._image)

    def cut(self) -> None:
        """Leave what was flushed, and of what was not, what the system had written by chance."""
        names = [line.split(" ", 1) for line in (self._image / "names").read_text().splitlines()]
        after = self._data.with_name("after")
        after.mkdir()
        for number, name in names:
            path = after / name
            if number == "0":
                path.mkdir(parents=True, exist_ok=True)
                continue
            there, flushed = self._data / name, self._image / number
            by_chance = there.is_file() and str(there.stat().st_ino) == number
            if by_chance and self._rng.random() < 0.5 and not name.endswith("-shm"):
                shutil.copyfile(there, path)
            elif flushed.exists():
                shutil.copyfile(flushed, path)
            else:
                path.touch()
        shutil.rmtree(self._data)
        after.rename(self._data)


# --- one life -------------------------------------------------------------------------------------


def live(place: Place, name: str, number: int, figures: Figures, rng: random.Random) -> bool:
    """One act, killed within; True if it was, False where it ended first."""
    before = len(place.lines())
    pid = in_child(lambda: act(place, name, number))
    deadline = time.monotonic() + 120
    while len(place.lines()) == before:
        if _has_ended(pid) and len(place.lines()) == before:  # not begun and ended in between
            os.waitpid(pid, 0)
            figures.faults.append(f"{name} could not begin")
            return False
        if time.monotonic() > deadline:
            raise SystemExit(f"{name} did not begin")
        time.sleep(0.002)
    begun = time.monotonic()
    waits_s = rng.uniform(0, 1.1 * figures.usual_s(name))
    while time.monotonic() - begun < waits_s:
        if _has_ended(pid):
            break
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    code = ended(pid)
    if code == -signal.SIGKILL:
        figures.kills[name] += 1
        return True
    figures.ended[name] += 1
    figures.times[name].append(time.monotonic() - begun)
    if code:
        figures.faults.append(f"{name} failed")
    return False


def _has_ended(pid: int) -> bool:
    """Has a child ended that nobody waited for yet?"""
    return bool(os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT))


def check(place: Place, told: Path) -> list[str]:
    """What is wrong, by a process of its own."""

    def task() -> None:
        told.write_text(json.dumps(list(recovered(place))))

    told.unlink(missing_ok=True)
    if ended(in_child(task)):
        return ["what is left could not be read back"]
    return list(json.loads(told.read_text()))


def attack(
    ground: Ground, figures: Figures, kills: int, names: list[str], until: float = math.inf
) -> None:
    """Kill until there were so many, or it is that late; a new place every few lives."""
    rng = random.Random(figures.seed)
    life = number = 0
    while sum(figures.kills.values()) < kills and time.monotonic() < until:
        number, faults = number + 1, []
        place = ground.copy(f"p{os.getpid()}_{number}")
        power = Power(place, rng) if figures.power else None
        if power:
            power.begin()
        for _ in range(LIVES):
            name = names[life % len(names)] if life % 2 else rng.choice(names)
            life += 1
            killed = live(place, name, life, figures, rng)
            if power and killed and rng.random() < _CUT:
                figures.cuts += 1
                power.cut()
                power.begin()
            faults = check(place, place.outside / "faults.json")
            figures.faults += [f"life {life}, {name}: {one}" for one in faults]
            print(f"{life:5} {name:8} {'killed' if killed else 'ended'} {faults or ''}", flush=True)
            if faults:
                break
        if not faults:
            ground.remove(place)


def loaded_again(library: Path) -> None:
    """Begin anew with the library that remembers what was flushed."""
    source = HERE / "power_loss.c"
    command = ["cc", "-O2", "-Wall", "-shared", "-fPIC", "-o", str(library), str(source)]
    subprocess.run([*command, "-lpthread"], check=True)
    os.environ["LD_PRELOAD"] = str(library)
    os.execv(sys.executable, [sys.executable, "-m", "tests.stress", *sys.argv[1:]])


def options() -> argparse.Namespace:
    """As the command line gives them."""
    parser = argparse.ArgumentParser(prog="python -m tests.stress", description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--minutes", type=float, default=math.inf, help="no longer than that")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--power", action="store_true", help="take away what was not flushed too")
    parser.add_argument("--database", help="a PostgreSQL of tests (`.ci/postgres start`)")
    parser.add_argument("--acts", default=",".join(ACTS), help=f"some of {', '.join(ACTS)}")
    return parser.parse_args()


def main() -> int:
    """1 where anything was wrong."""
    given = options()
    shared = Path("/dev/shm")
    memory = shared if shared.is_dir() else Path(tempfile.gettempdir())
    if given.power and "LD_PRELOAD" not in os.environ:
        loaded_again(memory / f"power_loss-{os.getpid()}.so")
    figures = Figures(given.seed, "PostgreSQL" if given.database else "SQLite", given.power)
    print(f"seed {given.seed}", flush=True)
    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="stress-", dir=memory)  # kept where something is wrong
    ground = Ground(Path(folder), given.database)
    ground.begin()
    ground.warm(figures)
    attack(ground, figures, given.kills, given.acts.split(","), began + 60 * given.minutes)
    ground.end()
    told = {
        "seed": figures.seed,
        "database": figures.database,
        "power cuts": figures.cuts,
        "kills": sum(figures.kills.values()),
        "of": dict(figures.kills),
        "ended": dict(figures.ended),
        "faults": figures.faults,
        "seconds": round(time.monotonic() - began),
    }
    print(json.dumps(told))
    if not figures.faults:
        shutil.rmtree(folder)
    return 1 if figures.faults else 0


if __name__ == "__main__":
    sys.exit(main())
