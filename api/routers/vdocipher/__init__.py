"""VdoCipher's contract, an area a module."""
