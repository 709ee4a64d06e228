"""How a recording becomes a reviewed transcript, and where it is kept."""
