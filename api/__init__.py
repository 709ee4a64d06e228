"""How a question gets an answer made of verified quotations, over HTTP and on the command line."""
