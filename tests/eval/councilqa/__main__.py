"""Check every place of CouncilQA-fr against the evaluation data (`VERBATIM_EVAL_DATA`)."""

import os
import sys
from pathlib import Path

from tests.eval.councilqa import SETS, misplaced, read


def main() -> None:
    """Print the sizes of the sets; exit 1 if a place is not where it is said to be."""
    for name in SETS:
        questions = list(read(name))
        unanswerable = sum(not question.answerable for question in questions)
        print(f"{name}: {len(questions)} questions, {unanswerable} of them unanswerable")
    data = os.environ.get("VERBATIM_EVAL_DATA")
    if data is None:
        sys.exit("VERBATIM_EVAL_DATA is not set: the places were not checked.")
    wrong = list(misplaced(Path(data)))
    for question, place in wrong[:20]:
        print(f"{question.id}: {place.speech} [{place.start}, {place.end})")
    sys.exit(f"{len(wrong)} places are not where they are said to be." if wrong else 0)


if __name__ == "__main__":
    main()
