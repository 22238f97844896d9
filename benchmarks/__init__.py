"""Measurements that are run by hand: Glutarium against other simulators, and against itself."""
