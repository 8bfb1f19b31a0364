"""What the words of a prompt are looked up in: constants alone, read by the modules beside this folder."""
