"""Systems in time: from what is done to a cell to what it does."""
