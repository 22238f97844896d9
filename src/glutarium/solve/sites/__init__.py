"""Systems that share some of their states: cells around one medium, solved as one.

A *site* holds cells, each in a lane of its own, and one or more *zones*, each with its own copy of the
shared states. All cells of a site take the same step. Within a stage each lane eliminates what is its own
(:mod:`glutarium.compile.emit_coupled`); what is left for the shared states is added up, solved once per
site together with what flows between its zones and from outside, and handed back. So the sharing is
implicit, however fast cells empty their medium, and what all of them hold together is kept to rounding.

===========  ==================================================================
part         does
===========  ==================================================================
``site``     what a site consists of, and what came of it
``blocks``   machine code, and the lanes that it works on
``layout``   arrays of compiled steps
``moving``   compiled steps of all sites of a thread
``crew``     which lanes step together, and factors of the shared states
``control``  how long the next step is
``start``    whether a site can start
``threads``  sites over threads
``task``     a site on its way
``yard``     lanes of a thread, with the sites in them
``run``      all of it: many sites side by side, each with its own time
===========  ==================================================================
"""
