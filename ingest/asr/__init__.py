"""Speech recognition: from sound to words with confidences."""
