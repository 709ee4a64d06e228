"""What readers send, who have no account: reports of errors, and alerts that they ask for."""
