"""What anyone may read: the challenge, the method, the exercises."""
