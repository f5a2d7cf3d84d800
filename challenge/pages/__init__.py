"""Public pages: the challenge, the method, the exercises."""
