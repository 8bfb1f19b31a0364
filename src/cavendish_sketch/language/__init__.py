"""What a prompt says: words in, a brief of what to draw out."""
