"""Speed and memory, measured on the samples: `python -m tests.bench`. Never asserted as times."""
