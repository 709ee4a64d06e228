"""Corrections of a transcript: kept, undone, timed, reviewed."""
