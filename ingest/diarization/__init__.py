"""Which voice speaks when."""
