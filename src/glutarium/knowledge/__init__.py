"""What is known: tables of records with their evidence, read, checked and looked up.

Simulates nothing. Import from the submodules: ``base`` holds the tables, ``records`` says what their
columns are, ``vocabulary`` makes the names that studies may use, ``check`` looks for faults,
``describe`` tells all about one name, ``equations`` and ``balance`` read what reactions say.
"""
