"""The conversation between a runner and the clinic."""
