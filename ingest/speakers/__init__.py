"""Which person a voice belongs to, by what is said and by captions."""
