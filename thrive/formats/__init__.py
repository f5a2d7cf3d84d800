"""Formats of dates and times where no template names one, above all in the admin."""
