"""Runs that last: a database of runs that are over or still going, and of classes that publish them."""
