"""Reports: a page, figures, tables and a pathway map from a finished result. Runs nothing.

``write_report`` in :mod:`glutarium.report.write` is the door to this room.
"""
