"""Learning what the product ships: each module makes one file of weights again, by one command."""
