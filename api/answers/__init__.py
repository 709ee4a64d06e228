"""From hits to an answer: evidence, verified quotations, refusals."""
