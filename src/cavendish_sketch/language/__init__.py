"""What a prompt says: words in, a brief of what to draw out. `prompts` is the front; what it calls lies beside it."""
