"""Quality, measured on the samples and, where `VERBATIM_EVAL_DATA` is set, on real data.

`python -m tests.eval` prints a table and compares it with `baseline.json`; `--update` rewrites it.
"""
