"""How recordings come in: form, resumable upload, watched folder."""
