"""How exact the functions of arrays are: the truth in balls, and the distance to it.

Nothing here knows how a function is computed. The truth is the textbook expression in
ball arithmetic, the points are chosen where an implementation changes its way, and the
distance is counted in units in the last place of the type that a user has.
"""
