"""Interfaces for assistants: the Model Context Protocol and chat completions."""
