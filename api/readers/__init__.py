"""What readers send, who have no account: reports of errors."""
