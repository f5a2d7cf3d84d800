"""The runner's pages: today, the plan, the log, the offline log."""
