"""How often a person may try to sign in, and that this cannot be used against another person."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import func, select, update

from api.accounts import accounts, rate_limit
from api.accounts import sign_in as sign_in_module
from api.accounts.passwords import Passwords
from api.accounts.rate_limit import Limit, TooMany, address_of, admit, forgive
from api.accounts.roles import Role
from api.accounts.schema import attempts
from api.accounts.sign_in import (
    BY_ADDRESS,
    BY_LOGIN,
    BY_LOGIN_AND_ADDRESS,
    NOTED,
    From,
    Refused,
    SignedIn,
    sign_in,
)
from api.deps import Deps
from ingest.archive import audit
from ingest.archive.repository import Archive, open_archive
from ingest.archive.schema import now
from tests.api.accounts.test_sign_in import PASSWORD, browser, enter, person
from tests.support.office import empty_office, quick_passwords

PASSWORDS = quick_passwords()
HOME, ATTACKER = From("192.0.2.1"), From("203.0.113.9")


@pytest.fixture
def town(archive: Archive) -> Archive:
    """An archive with one account, `greffe`."""
    with archive.begin() as db:
        made = accounts.add(db, "tests", "greffe", "Greffe", Role.CLERK)
        accounts.set_password(db, "tests", made, PASSWORDS.hash(PASSWORD))
    return archive


def attempt(town: Archive, password: str, where: From, login: str = "greffe") -> SignedIn:
    return sign_in(town, PASSWORDS, login, password, where)


def exhaust(town: Archive, where: From, login: str = "greffe") -> int:
    """Guess until it is refused to go on; how many guesses that took."""
    for count in range(1_000):
        try:
            attempt(town, "au hasard encore", where, login)
        except Refused:
            continue
        except TooMany:
            return count
    raise AssertionError("nobody stopped this")


def test_guessing_ends_soon_and_says_for_how_long(town: Archive) -> None:
    assert exhaust(town, ATTACKER) == BY_LOGIN_AND_ADDRESS.count
    with pytest.raises(TooMany, match="attendez 15 minutes") as told:
        attempt(town, PASSWORD, ATTACKER)
    assert 800 < told.value.wait_s <= 900


def test_an_unknown_login_is_limited_as_a_known_one(town: Archive) -> None:
    assert exhaust(town, ATTACKER, "personne") == BY_LOGIN_AND_ADDRESS.count


def test_an_attacker_elsewhere_does_not_keep_a_person_out(town: Archive) -> None:
    exhaust(town, ATTACKER)
    assert attempt(town, PASSWORD, HOME).account.login == "greffe"


def test_a_thousand_attackers_do_not_keep_a_person_out_of_a_known_browser(town: Archive) -> None:
    known = attempt(town, PASSWORD, HOME).browser
    for number in range(200):
        with pytest.raises((Refused, TooMany)):
            attempt(town, "au hasard encore", From(f"198.51.{number // 250}.{number % 250}"))
    with pytest.raises(TooMany):  # the wide limit holds for unknown browsers
        attempt(town, PASSWORD, From("192.0.2.77"))
    entered = attempt(town, PASSWORD, From(HOME.address, known))
    assert entered.account.login == "greffe"


def test_nor_does_a_neighbour_behind_the_same_address(town: Archive) -> None:
    known = attempt(town, PASSWORD, HOME).browser
    for number in range(BY_ADDRESS.count):
        with pytest.raises(Refused):
            attempt(town, "au hasard encore", HOME, f"autre{number}")
    with pytest.raises(TooMany):
        attempt(town, PASSWORD, HOME)
    assert attempt(town, PASSWORD, From(HOME.address, known)).account.login == "greffe"


def test_a_known_browser_may_not_guess_for_ever_either(town: Archive) -> None:
    known = From(HOME.address, attempt(town, PASSWORD, HOME).browser)
    assert exhaust(town, known) == 10


def test_a_browser_is_known_for_its_own_accounts_only(town: Archive) -> None:
    with town.begin() as db:
        made = accounts.add(db, "tests", "autre", "Autre", Role.CLERK)
        accounts.set_password(db, "tests", made, PASSWORDS.hash(PASSWORD))
    known = attempt(town, PASSWORD, ATTACKER, "autre").browser
    assert exhaust(town, From(ATTACKER.address, known)) == BY_LOGIN_AND_ADDRESS.count


def test_a_planted_browser_cookie_is_worth_nothing_after_the_sign_in(town: Archive) -> None:
    planted = attempt(town, PASSWORD, HOME).browser
    fresh = attempt(town, PASSWORD, From(HOME.address, planted)).browser
    assert fresh != planted
    # 10 by a known browser would be followed by 10 more by an unknown one.
    assert exhaust(town, From(ATTACKER.address, planted)) == BY_LOGIN_AND_ADDRESS.count
    assert attempt(town, PASSWORD, From(HOME.address, fresh)).account.login == "greffe"


def told(town: Archive) -> list[tuple[str, str]]:
    with town.engine.connect() as db:
        return [(e.who, e.what) for e in audit.newest(db) if e.action == "account.slowed"]


def test_the_log_names_a_tried_account_once(town: Archive) -> None:
    with pytest.raises(Refused):
        attempt(town, "au hasard encore", ATTACKER)
    assert told(town) == []  # mistyping is common
    for _ in range(5):
        with pytest.raises(TooMany):
            exhaust_and_go_on(town, "greffe")
    assert told(town) == [(ATTACKER.address, "greffe")]
    with pytest.raises(TooMany):  # it may be a password that was typed there: it is not written
        exhaust_and_go_on(town, "hunter2")
    assert told(town) == [(ATTACKER.address, "?"), (ATTACKER.address, "greffe")]


def exhaust_and_go_on(town: Archive, login: str) -> None:
    exhaust(town, ATTACKER, login)
    attempt(town, PASSWORD, ATTACKER, login)


def test_a_flood_does_not_fill_the_log(town: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = Limit("sign-in to an account from an address", 1, timedelta(minutes=15))
    monkeypatch.setattr(sign_in_module, "BY_LOGIN_AND_ADDRESS", limit)
    for number in range(NOTED.count + 20):
        exhaust(town, From(f"198.51.100.{number}"), f"personne {number}")
    assert len(told(town)) == NOTED.count


def test_the_right_password_forgives_former_mistakes(town: Archive) -> None:
    for _ in range(3):
        for _ in range(BY_LOGIN_AND_ADDRESS.count - 1):
            with pytest.raises(Refused):
                attempt(town, "au hasard encore", HOME)
        attempt(town, PASSWORD, HOME)


def test_a_limit_ends_by_itself_even_if_the_attempts_go_on(town: Archive) -> None:
    exhaust(town, ATTACKER)
    for _ in range(50):
        with pytest.raises(TooMany):
            attempt(town, "au hasard encore", ATTACKER)
    with town.begin() as db:
        db.execute(update(attempts).values(at=now() - timedelta(minutes=15, seconds=1)))
    assert attempt(town, PASSWORD, ATTACKER).account.login == "greffe"


def test_attempts_that_are_made_at_once_are_counted_one_by_one(tmp_path: Path) -> None:
    archive = open_archive(f"sqlite:///{tmp_path / 'a.sqlite'}")
    limit, passed = Limit("essai", 5, timedelta(minutes=1)), []

    def one() -> None:
        try:
            with archive.begin() as db:
                admit(db, limit.of("x"))
            passed.append(1)
        except TooMany:
            pass

    threads = [threading.Thread(target=one) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 5


def test_what_is_counted_is_forgotten_in_time_and_bounded(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = Limit("essai", 1_000, timedelta(minutes=1))
    monkeypatch.setattr(rate_limit, "MOST", 20)

    def rows() -> int:
        with archive.engine.connect() as db:
            return int(db.execute(select(func.count()).select_from(attempts)).scalar_one())

    for number in range(60):
        with archive.begin() as db:
            admit(db, limit.of(number))
    assert rows() <= 21
    with archive.begin() as db:
        db.execute(update(attempts).values(at=now() - rate_limit.LONGEST * 2))
        forgive(db, admit(db, limit.of("neuf")))
    assert rows() == 0


def test_neither_addresses_nor_logins_are_stored(town: Archive) -> None:
    with pytest.raises(Refused):
        attempt(town, "au hasard encore", ATTACKER)
    with town.engine.connect() as db:
        stored = " ".join(db.execute(select(attempts.c.key)).scalars())
    assert "greffe" not in stored
    assert ATTACKER.address not in stored


@pytest.mark.parametrize(
    ("host", "one"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("testclient", "testclient"),
        (None, "?"),
    ],
)
def test_an_address_is_what_one_client_has(host: str | None, one: str) -> None:
    assert address_of(host) == one


def test_the_page_says_how_long_to_wait(deps: Deps, tmp_path: Path) -> None:
    app = empty_office(deps, tmp_path)
    person(app, "greffe")
    client = browser(app)
    for _ in range(BY_LOGIN_AND_ADDRESS.count):
        assert enter(client, "greffe", "au hasard encore").status_code == 401
    response = enter(client, "greffe")
    assert response.status_code == 429
    assert 800 < int(response.headers["retry-after"]) <= 900
    assert "attendez 15 minutes" in response.text


def test_the_work_is_the_same_whether_an_account_exists(
    town: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts what costs: a clock in a test on a busy machine would tell nothing."""
    from pwdlib import PasswordHash

    checked = []
    verify = PasswordHash.verify

    def counting(self: PasswordHash, password: str, stored: str) -> bool:
        checked.append(stored.split("$")[3])  # its parameters
        return verify(self, password, stored)

    monkeypatch.setattr(PasswordHash, "verify", counting)
    with town.begin() as db:
        accounts.add(db, "tests", "sans", "Sans Mot", Role.CLERK)
    for login in ("greffe", "personne", "sans"):
        with pytest.raises(Refused):
            attempt(town, "au hasard encore", HOME, login)
    assert len(checked) == 3
    assert len(set(checked)) == 1


def test_the_wide_limit_is_wider_than_the_others() -> None:
    assert BY_LOGIN.count > BY_LOGIN_AND_ADDRESS.count


def test_a_flood_takes_neither_every_thread_nor_another_persons_attempts(town: Archive) -> None:
    busy = Passwords(Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1), 1, waiting=0)
    with busy._place():  # another request's turn
        for _ in range(30):
            with pytest.raises(TooMany, match="attendez 5 secondes"):
                sign_in(town, busy, "greffe", PASSWORD, HOME)
    assert sign_in(town, busy, "greffe", PASSWORD, HOME).account.login == "greffe"
