"""Regulation: who steers whom. The tables' edges become states, factors and numbers of the model."""
