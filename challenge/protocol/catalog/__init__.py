"""The exercises of the three phases as data: guide pages, figures and weekly doses are made from it."""
