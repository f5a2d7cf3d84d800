"""Someone asks how it goes: questionnaires, their answers, and what changed."""
