"""How much of a group of sites one machine carries: a year's rows, then busier and busier hours until it gives in.

`docs/scaling.md` says what follows from it.
"""
