"""What delivered pictures say of themselves, with which keys, and what anybody may find out about a picture."""
