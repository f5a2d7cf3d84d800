"""The runner's pages: today, the plan, the log."""
