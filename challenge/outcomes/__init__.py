"""Questionnaires that runners answer, as data: definitions, when they are due, answers, and what changed."""
