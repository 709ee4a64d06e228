"""CouncilQA-fr holds together, with or without the debates that it asks about."""

from pathlib import Path

from tests.eval.councilqa import SETS, read, speeches


def test_answerable_questions_have_a_place_and_others_have_none() -> None:
    for name in SETS:
        for question in read(name):
            assert question.answerable == bool(question.gold), question.id
            assert all(p.quote and p.end > p.start for p in question.gold + question.known)


def test_no_question_is_asked_of_both_sets() -> None:
    train, held_out = (
        {(q.session, q.context, q.question.casefold()) for q in read(name)} for name in SETS
    )
    assert not train & held_out


def test_a_third_cannot_be_answered_and_enough_of_them_are_held_out() -> None:
    questions = [question for name in SETS for question in read(name)]
    assert sum(not q.answerable for q in questions) / len(questions) > 0.3
    assert sum(not q.answerable for q in read("held_out")) >= 300


def test_a_citys_own_sessions_are_found_below_the_folder_of_debates(tmp_path: Path) -> None:
    file = tmp_path / "debates/2025/2025-03-11.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text('{"text": "Elle coûte 2 millions."}\n{"text": "Merci."}\n', "utf-8")
    assert speeches(tmp_path, "2025-03-11") == {"1": "Elle coûte 2 millions.", "2": "Merci."}
