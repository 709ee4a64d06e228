"""Who the voices are, by what is said to them and by them, and what a clerk should hear again."""
