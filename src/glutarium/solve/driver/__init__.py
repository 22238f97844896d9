"""The loop that advances lanes: one fixed program for every model and method.

A lane holds one system of the batch with its own time and step. In every round all lanes attempt one
step together; each accepts or rejects its own, reports, meets its events, and takes the next system from
the queue when it is done. Nothing is shared between lanes but the instruction stream, so results do not
depend on how systems are packed or on the number of threads, which share one counter.

Compiled once by Numba and kept on its disk cache. It calls the machine code of model and method by address
(:mod:`glutarium.solve.stepcode`), holds no lock of the interpreter and allocates nothing. Values of one
kind share an array, and the helpers have no entry from Python: both keep the compilation short.

==============  =============================================================
part            does
==============  =============================================================
``layout``      the arrays that all parts share
``loading``     systems enter lanes, change at given times, and leave
``stepping``    one step of every lane, and the control of its length
``crossings``   conditions that cross a level within a step
``reporting``   values at the times asked for
``loop``        all of it, until the queue is empty
==============  =============================================================
"""
