"""A session in the forms that other bodies have laid down. Pure; each over one `Script`."""
