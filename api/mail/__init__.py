"""E-mail: what waits to be sent, and the sending. Nothing is sent unless it is set."""
