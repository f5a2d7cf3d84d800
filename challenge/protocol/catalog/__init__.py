"""The exercises of the three phases as data. Guide pages, figures and weekly doses are made from it."""
