"""Maps of the network that lay themselves out: what is drawn, where it stands, and how it is written."""
