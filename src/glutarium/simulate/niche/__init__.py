"""Systems ``coculture`` and ``tissue``: several kinds of cell around one medium.

What the cells eat and give off passes through the medium, which is solved together with all of them
(:mod:`glutarium.solve.sites`). Everything slower is renewed between steps, to what it will
be in the middle of the next one:

===============  ==============================================================
part             does
===============  ==============================================================
``hands``        the cells of a site, each in a zone, with their start
``populations``  how many there are: birth, death, killing, entry, migration
``shape``        the ball of a tumour: a rim of constant depth, and its core
``spheroid``     balls of a dish, which diffusion alone feeds
``messages``     what cells release and show, and what others read of it
``bed``          vessels, matrix and what flows through them
``ledger``       matter that enters and leaves with all of this
``accounts``     who takes which nutrient
``steward``      calls all of them between steps and sets parameters
``course``       what is kept of a run
``run``          plans of one place become a site, and lanes again
===============  ==============================================================
"""
