"""Figures that are told, and what tells them otherwise later: corrections and contradictions."""
