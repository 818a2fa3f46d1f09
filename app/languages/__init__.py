"""The languages that the register speaks to people: which one, its texts, and its dates and numbers."""
