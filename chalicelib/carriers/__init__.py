"""Who carries messages to workers: the providers' APIs behind one small interface.

The only room that speaks HTTP to others. What a carrier is told stands in its documentation, named
in each module.
"""
