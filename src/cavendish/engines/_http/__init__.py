"""How engines behind HTTP ask, and how they fetch what they were answered."""
