"""Plots without a plotting library: a few shapes on a canvas, written as SVG or drawn as PNG.

A report holds dozens of panels of the same few kinds. Drawn by a library that can do everything, they
took longer than the simulations they show.
"""
