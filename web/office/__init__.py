"""The clerk's office: every page under `/bureau`. Each needs an account, but those to sign in."""
