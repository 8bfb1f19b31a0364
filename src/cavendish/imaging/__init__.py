"""Foreign pictures, made safe: headers read without a decoder, pixels decoded only in a killable child process."""
