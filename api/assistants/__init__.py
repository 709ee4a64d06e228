"""What programs that converse may ask: the Model Context Protocol and chat completions."""
