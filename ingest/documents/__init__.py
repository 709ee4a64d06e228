"""What clerks hand over beside the sound: roster, agenda, glossary, captions."""
