"""What the record holds of an object, a person, a party: their pages, over all sessions."""
