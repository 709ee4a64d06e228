"""What Safari's engine does with a shared moment: it plays from its first word to its last."""

import pytest

from api.deps import Deps
from tests.support.browser import serving
from tests.support.small_site import PUBLISHED
from tests.support.waiting import until
from tests.support.webkit import webkit

pytestmark = pytest.mark.browser

SOUND = "const sound = document.querySelector('#son');"
AT = f"{SOUND} return sound.currentTime + sound.dataset.from / 1000"


def test_a_shared_moment_plays_after_one_press(deps: Deps) -> None:
    with serving(deps) as address, webkit() as window:
        window.visit(f"{address}/seances/{PUBLISHED}?t=6000-8780&r=1#extrait")
        until(lambda: window.run("return document.documentElement.className === 'js'"))
        window.click(".extract [data-act=play]")
        until(lambda: window.run(f"{SOUND} return sound.currentTime > 0 && !sound.paused"))
        assert window.run(AT) >= 5.9
        until(lambda: window.run(f"{SOUND} return sound.paused"))
        assert 8.6 < window.run(AT) < 8.9
