"""The weight of a stem: how rare it is among passages (inverse document frequency)."""

import math


def idf(documents: int, containing: int) -> float:
    """Weight of a stem that `containing` of `documents` passages have; never negative."""
    return math.log(1 + (documents - containing + 0.5) / (containing + 0.5))
